// The word that was probably meant: for "did you mean" in messages about keys, names and options.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace fewer {

// How many letters must be inserted, removed, replaced or swapped with their neighbour to turn one word into the other
// (optimal string alignment; upper and lower case count as equal).
int edit_distance(std::string_view a, std::string_view b);

// The candidate nearest to `word`, the first of equals; empty when none is near (within one edit, or one per three letters).
std::string nearest(std::string_view word, std::span<const std::string> candidates);

// `; did you mean "epochs"?`, or nothing when no candidate is near.
std::string did_you_mean(std::string_view word, std::span<const std::string> candidates);

std::string joined(std::span<const std::string> words, std::string_view separator = ", ");

}  // namespace fewer
