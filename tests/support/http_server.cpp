#include "tests/support/http_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

#include "core/error.h"

namespace fewer::testing {
namespace {

// A socket bound to a free port of the loopback interface.
int bound_socket(int* port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof where;
  ENSURE(fd >= 0 && ::bind(fd, reinterpret_cast<sockaddr*>(&where), size) == 0, "http server: cannot bind");
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&where), &size);
  *port = ntohs(where.sin_port);
  return fd;
}

std::string read_request(int connection) {
  std::string request;
  char buffer[4096];
  while (request.find("\r\n\r\n") == std::string::npos) {
    const ssize_t got = ::recv(connection, buffer, sizeof buffer, 0);
    if (got <= 0) break;
    request.append(buffer, static_cast<size_t>(got));
  }
  return request;
}

void send_all(int connection, const std::string& bytes) {
  for (size_t sent = 0; sent < bytes.size();) {
    const ssize_t n = ::send(connection, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (n <= 0) return;
    sent += static_cast<size_t>(n);
  }
}

// The first byte that "Range: bytes=N-" asks for; 0 without one.
size_t first_byte(const std::string& request) {
  const size_t at = request.find("Range: bytes=");
  return at == std::string::npos ? 0 : std::stoul(request.substr(at + 13));
}

}  // namespace

HttpServer::HttpServer(std::map<std::string, File> files) : files_(std::move(files)), listener_(bound_socket(&port_)) {
  ENSURE(::listen(listener_, 16) == 0, "http server: cannot listen");
  thread_ = std::thread([this] { serve(); });
}

HttpServer::~HttpServer() {
  stop_ = true;
  thread_.join();
  ::close(listener_);
}

std::string HttpServer::address(const std::string& path) const { return text("http://127.0.0.1:", port_, path); }

std::vector<std::string> HttpServer::requests() {
  const std::lock_guard lock(mutex_);
  return requests_;
}

void HttpServer::serve() {
  while (!stop_) {
    pollfd ready{listener_, POLLIN, 0};
    if (::poll(&ready, 1, 20) <= 0) continue;
    const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    answer(connection);
    ::close(connection);
  }
}

void HttpServer::answer(int connection) {
  const std::string request = read_request(connection);
  const size_t start = request.find(' ') + 1;
  const std::string path = request.substr(start, request.find(' ', start) - start);
  const size_t from = first_byte(request);
  {
    const std::lock_guard lock(mutex_);
    requests_.push_back(from ? text(path, " from ", from) : path);
  }
  const auto found = files_.find(path);
  if (found == files_.end()) return send_all(connection, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  File& file = found->second;
  const size_t total = file.bytes.size();
  const bool partial = from > 0 && file.ranges;
  if (partial && from >= total)
    return send_all(connection, text("HTTP/1.1 416 Range Not Satisfiable\r\nContent-Range: bytes */", total,
                                     "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
  std::string body = partial ? file.bytes.substr(from) : file.bytes;
  std::string head = partial ? text("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes ", from, "-", total - 1, "/", total, "\r\n")
                             : std::string("HTTP/1.1 200 OK\r\n");
  head += text("Content-Length: ", body.size(), "\r\nConnection: close\r\n\r\n");
  if (!file.cuts.empty()) {
    body.resize(std::min(body.size(), file.cuts.front()));
    file.cuts.erase(file.cuts.begin());
  }
  send_all(connection, head + body);
}

std::string dead_address(const std::string& path) {
  int port = 0;
  ::close(bound_socket(&port));
  return text("http://127.0.0.1:", port, path);
}

}  // namespace fewer::testing
