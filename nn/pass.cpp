#include "nn/pass.h"

#include <algorithm>

#include "core/error.h"

namespace fewer {

std::string Pass::path() const {
  if (!parent) return {};
  std::string result = parent->path();
  if (!result.empty()) result += '.';
  return result += name;
}

const Statistics::Entry* Statistics::find(std::string_view path) const {
  const auto found = std::find_if(entries.begin(), entries.end(), [&](const Entry& e) { return e.path == path; });
  return found == entries.end() ? nullptr : &*found;
}

void Taps::observe(const std::string& path) { places_[path].keep = true; }
void Taps::replace(const std::string& path, Replace function) { places_[path].replace = std::move(function); }

const Tensor& Taps::value(const std::string& path) const {
  const auto place = places_.find(path);
  ENSURE(place != places_.end() && place->second.value.defined(), "taps: nothing was kept at \"", path,
         "\"; observe() it and run a forward pass first");
  return place->second.value;
}

void Taps::clear_values() {
  for (auto& [path, place] : places_) place.value = Tensor();
}

bool Taps::wants_inside(const std::string& path) const {
  return std::any_of(places_.begin(), places_.end(), [&](const auto& entry) {
    const std::string& place = entry.first;
    return path.empty() || (place.starts_with(path) && (place.size() == path.size() || place[path.size()] == '.'));
  });
}

bool Taps::wants(const std::string& path) {
  note(path);
  return places_.contains(path);
}

void Taps::note(const std::string& path) {
  if (std::find(seen_.begin(), seen_.end(), path) == seen_.end()) seen_.push_back(path);
}

Tensor Taps::visit(const std::string& path, const Tensor& value) {
  note(path);
  const auto found = places_.find(path);
  if (found == places_.end()) return value;
  Place& place = found->second;
  Tensor result = place.replace ? place.replace(value) : value;
  if (place.keep) place.value = result;
  return result;
}

void Taps::ensure_all_reached() const {
  for (const auto& [path, place] : places_) {
    if (std::find(seen_.begin(), seen_.end(), path) != seen_.end()) continue;
    std::string known;
    for (const std::string& name : seen_)
      if (!name.empty()) known += (known.empty() ? "" : ", ") + name;
    fail("taps: the network has no layer \"", path, "\"; it has: ", known);
  }
}

}  // namespace fewer
