// A small HTTP server on 127.0.0.1 for tests of downloads: it knows ranges, and can break off, refuse ranges or be missing a file.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace fewer::testing {

class HttpServer {
 public:
  struct File {
    std::string bytes;
    bool ranges = true;
    std::vector<size_t> cuts = {};  // the first answers end after so many bytes of the body, one entry each
  };
  explicit HttpServer(std::map<std::string, File> files);  // by path: "/a.gz"
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::string address(const std::string& path) const;  // http://127.0.0.1:PORT/path
  std::vector<std::string> requests();                 // "/a.gz" or "/a.gz from 1000", in the order they came

 private:
  void serve();
  void answer(int connection);

  std::map<std::string, File> files_;
  std::mutex mutex_;
  std::vector<std::string> requests_;
  std::atomic<bool> stop_ = false;
  int port_ = 0;  // before the socket, whose making sets it
  int listener_ = -1;
  std::thread thread_;
};

// An address on which nobody listens.
std::string dead_address(const std::string& path);

}  // namespace fewer::testing
