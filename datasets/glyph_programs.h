// Stroke programs: how the characters of the built-in alphabets are invented. datasets/glyphs.h draws them.
//
// A pen moves like a turtle: a piece turns it on the spot, then carries it forward along an arc. A stroke is a few
// pieces with the pen down; a character is one to four strokes, each starting on an earlier one. The pieces of an
// alphabet come from a small inventory in one style, which is what makes its characters look alike, and hard to tell
// apart.
#pragma once

#include <cstdint>
#include <vector>

#include "core/rng.h"

namespace fewer {

struct Point {
  double x = 0, y = 0;  // y grows downwards
};
using Polyline = std::vector<Point>;

struct Piece {
  double turn = 0;    // radians, on the spot, before moving
  double length = 0;  // of the arc; a character is about 1 high
  double sweep = 0;   // radians the heading changes along the way; 0 is a straight line
};

struct Stroke {
  double heading = 0;  // where the pen points at first, radians
  std::vector<Piece> pieces;
  int64_t parent = -1;     // the earlier stroke it starts on; -1 for the first
  double parent_part = 0;  // where on it, as a part of its length
};

struct Character {
  std::vector<Stroke> strokes;
  double scale = 1;  // with `centre`, brings the steady drawing into the square [-1/2, 1/2]
  Point centre;
};

// How unsteady a hand is: standard deviations of what one run of a program changes. All 0 is the steady drawing.
struct Unsteadiness {
  double angle = 0;   // of headings, turns and sweeps, radians
  double length = 0;  // of lengths, relative
  double start = 0;   // of where a stroke begins, in units of length
  double joint = 0;   // of parent_part
  double tremor = 0;  // of slow sideways drift along a stroke
};

// One run of the program, a polyline per stroke, in the square [-1/2, 1/2] unless the hand leaves it.
std::vector<Polyline> write_character(const Character& character, const Unsteadiness& hand, Rng& rng);

// The characters of one alphabet, no two alike.
std::vector<Character> invent_alphabet(const Rng& rng, int64_t characters);

}  // namespace fewer
