#include "datasets/glyph_programs.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace fewer {
namespace {

constexpr double kPi = std::numbers::pi;
constexpr double kStep = 0.04;     // length between points of a polyline, at most
constexpr int64_t kInventory = 7;  // primitive strokes of an alphabet
constexpr double kUnlike = 0.085;  // least distance between two characters of an alphabet
constexpr double kApart = 0.1;     // least mean distance of a stroke from the earlier ones
constexpr int kProbes = 40;        // points compared per character

Point operator+(Point a, Point b) { return {a.x + b.x, a.y + b.y}; }
Point operator-(Point a, Point b) { return {a.x - b.x, a.y - b.y}; }
Point operator*(double s, Point a) { return {s * a.x, s * a.y}; }
double square(Point a) { return a.x * a.x + a.y * a.y; }
double norm(Point a) { return std::sqrt(square(a)); }

double length_of(const Polyline& line) {
  double sum = 0;
  for (size_t i = 1; i < line.size(); ++i) sum += norm(line[i] - line[i - 1]);
  return sum;
}

Point point_at(const Polyline& line, double part) {
  double left = std::clamp(part, 0.0, 1.0) * length_of(line);
  for (size_t i = 1; i < line.size(); ++i) {
    const double d = norm(line[i] - line[i - 1]);
    if (d > 0 && left <= d) return line[i - 1] + (left / d) * (line[i] - line[i - 1]);
    left -= d;
  }
  return line.back();
}

// --- running a program ---

Polyline trace(const Stroke& stroke, Point start, const Unsteadiness& hand, Rng& rng) {
  Polyline line = {start};
  double heading = stroke.heading + rng.normal(0, hand.angle);
  for (const Piece& piece : stroke.pieces) {
    heading += piece.turn + rng.normal(0, hand.angle);
    const double length = piece.length * std::exp(rng.normal(0, hand.length));
    const double sweep = piece.sweep * std::exp(rng.normal(0, hand.length)) + rng.normal(0, hand.angle);
    const int steps = std::max(2, static_cast<int>(std::ceil(length / kStep)));
    for (int i = 0; i < steps; ++i) {
      const double middle = heading + sweep * (i + 0.5) / steps;
      line.push_back(line.back() + (length / steps) * Point{std::cos(middle), std::sin(middle)});
    }
    heading += sweep;
  }
  return line;
}

// Slow drift: three sine waves along the stroke for x and three for y.
void tremble(Polyline& line, double tremor, Rng& rng) {
  for (int wave = 1; wave <= 3; ++wave) {
    const Point amplitude = {rng.normal(0, tremor / wave), rng.normal(0, tremor / wave)};
    const Point phase = {rng.uniform(0, 2 * kPi), rng.uniform(0, 2 * kPi)};
    for (size_t i = 0; i < line.size(); ++i) {
      const double angle = kPi * wave * static_cast<double>(i) / static_cast<double>(line.size());
      line[i] = line[i] + Point{amplitude.x * std::sin(angle + phase.x), amplitude.y * std::sin(angle + phase.y)};
    }
  }
}

std::vector<Polyline> run(const Character& character, const Unsteadiness& hand, Rng& rng) {
  std::vector<Polyline> lines;
  for (const Stroke& stroke : character.strokes) {
    Point start;
    if (stroke.parent >= 0)
      start = point_at(lines[static_cast<size_t>(stroke.parent)], stroke.parent_part + rng.normal(0, hand.joint));
    start = start + Point{rng.normal(0, hand.start), rng.normal(0, hand.start)};
    lines.push_back(trace(stroke, start, hand, rng));
  }
  for (Polyline& line : lines) tremble(line, hand.tremor, rng);
  return lines;
}

// --- inventing an alphabet ---

struct Style {
  double quantum;    // headings and turns are multiples of it
  double roundness;  // how often a piece is an arc
  double corners;    // how often a stroke goes on after a piece
  double most_strokes;
  std::vector<Stroke> inventory;
};

Piece invent_piece(const Style& style, bool first, Rng& rng) {
  Piece piece;
  if (!first) piece.turn = style.quantum * static_cast<double>(rng.below(2) ? 1 + rng.below(3) : -1 - rng.below(3));
  piece.length = rng.uniform(0.3, 0.9);
  if (rng.bernoulli(style.roundness)) {
    piece.sweep = (rng.bernoulli(0.5) ? 1 : -1) * rng.uniform(0.35, 1.5) * kPi;
    piece.length *= 1 + std::abs(piece.sweep) / (2 * kPi);  // a bent line needs more way to get as far
  }
  return piece;
}

Stroke invent_stroke(const Style& style, Rng& rng) {
  Stroke stroke;
  stroke.heading =
      style.quantum * static_cast<double>(rng.below(static_cast<int64_t>(std::lround(2 * kPi / style.quantum))));
  do {
    stroke.pieces.push_back(invent_piece(style, stroke.pieces.empty(), rng));
  } while (stroke.pieces.size() < 3 && rng.bernoulli(style.corners));
  return stroke;
}

Style invent_style(Rng rng) {
  constexpr double kQuanta[] = {kPi / 2, kPi / 3, kPi / 4, kPi / 6};
  Style style{};
  style.quantum = kQuanta[rng.below(4)];
  style.roundness = rng.uniform(0.15, 0.85);
  style.corners = rng.uniform(0.2, 0.6);
  style.most_strokes = rng.uniform(2, 4.5);
  for (int64_t i = 0; i < kInventory; ++i) style.inventory.push_back(invent_stroke(style, rng));
  return style;
}

Character assemble(const Style& style, Rng& rng) {
  constexpr double kJoints[] = {0, 0.5, 1, 1, 0.25, 0.75};
  Character character;
  const int64_t strokes = 1 + rng.below(static_cast<int64_t>(style.most_strokes));
  for (int64_t s = 0; s < strokes; ++s) {
    Stroke stroke = style.inventory[static_cast<size_t>(rng.below(kInventory))];
    if (s > 0) {
      stroke.parent = rng.below(s);
      stroke.parent_part = kJoints[rng.below(6)];
    }
    character.strokes.push_back(std::move(stroke));
  }
  return character;
}

struct Box {
  Point low{1e9, 1e9}, high{-1e9, -1e9};
};

Box bounds(const std::vector<Polyline>& lines) {
  Box box;
  for (const Polyline& line : lines)
    for (const Point p : line) {
      box.low = {std::min(box.low.x, p.x), std::min(box.low.y, p.y)};
      box.high = {std::max(box.high.x, p.x), std::max(box.high.y, p.y)};
    }
  return box;
}

double mean_distance_to_nearest(const Polyline& from, const Polyline& to) {
  double sum = 0;
  for (const Point p : from) {
    double nearest = 1e9;
    for (const Point q : to) nearest = std::min(nearest, square(p - q));
    sum += std::sqrt(nearest);
  }
  return sum / static_cast<double>(from.size());
}

// A stroke that runs along an earlier one adds nothing one could see.
bool retraces(const std::vector<Polyline>& lines, double least) {
  for (size_t later = 1; later < lines.size(); ++later)
    for (size_t earlier = 0; earlier < later; ++earlier)
      if (mean_distance_to_nearest(lines[later], lines[earlier]) < least) return true;
  return false;
}

// Sizes the character and says whether anybody would write it: neither a mere line nor a tangle.
bool fit(Character& character) {
  Rng unused(0);
  const std::vector<Polyline> lines = run(character, {}, unused);
  const Box box = bounds(lines);
  const Point size = box.high - box.low;
  character.centre = 0.5 * (box.low + box.high);
  character.scale = 1 / std::max(size.x, size.y);
  double way = 0;
  for (const Polyline& line : lines) way += character.scale * length_of(line);
  return std::min(size.x, size.y) * character.scale > 0.3 && way > 1.4 && way < 4.5 &&
         !retraces(lines, kApart / character.scale);
}

// kProbes points at even distances along all strokes.
Polyline probe(const Character& character) {
  Rng unused(0);
  const std::vector<Polyline> lines = write_character(character, {}, unused);
  double way = 0;
  for (const Polyline& line : lines) way += length_of(line);
  Polyline probes;
  for (const Polyline& line : lines) {
    const int count = std::max(2, static_cast<int>(std::lround(kProbes * length_of(line) / way)));
    for (int i = 0; i < count; ++i) probes.push_back(point_at(line, (i + 0.5) / count));
  }
  return probes;
}

// The modified Hausdorff distance (Dubuisson and Jain, 1994).
double distance(const Polyline& a, const Polyline& b) {
  return std::max(mean_distance_to_nearest(a, b), mean_distance_to_nearest(b, a));
}

}  // namespace

std::vector<Polyline> write_character(const Character& character, const Unsteadiness& hand, Rng& rng) {
  std::vector<Polyline> lines = run(character, hand, rng);
  for (Polyline& line : lines)
    for (Point& p : line) p = character.scale * (p - character.centre);
  return lines;
}

std::vector<Character> invent_alphabet(const Rng& rng, int64_t characters) {
  const Style style = invent_style(rng.stream("style"));
  Rng draw = rng.stream("characters");
  std::vector<Character> alphabet;
  std::vector<Polyline> known;
  double unlike = kUnlike;
  while (static_cast<int64_t>(alphabet.size()) < characters) {
    unlike *= 0.999;  // a poor inventory runs out of very different characters: ask for less as tries go on
    Character candidate = assemble(style, draw);
    if (!fit(candidate)) continue;
    const Polyline probes = probe(candidate);
    if (std::any_of(known.begin(), known.end(), [&](const Polyline& k) { return distance(k, probes) < unlike; }))
      continue;
    known.push_back(probes);
    alphabet.push_back(std::move(candidate));
  }
  return alphabet;
}

}  // namespace fewer
