// Who else is using the processor. A row measured beside a busy neighbour is worth little, and should say so.
#pragma once

#include <string>

namespace fewer::bench {

// Cores' worth of work that other processes did, or that the hypervisor took away, between construction and share().
class Neighbours {
 public:
  Neighbours();
  double share() const;

 private:
  double begin_, others_;  // seconds
};

std::string load_average();  // of the last minute; our own work is part of it

}  // namespace fewer::bench
