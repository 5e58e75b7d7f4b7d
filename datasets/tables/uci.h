// LETTER and ADULT, from the files of the UCI repository (https://archive.ics.uci.edu). Copies with and without a
// header row are both about; ADULT's test file may begin with a comment and end its classes with a full stop.
#pragma once

#include <string>

#include "datasets/tables/table.h"

namespace fewer {

// 20,000 printed capital letters: 16 numbers each, 26 classes. Looks for letter-recognition.data in folders uci and
// letter of the places for data. Throws Error(kData) when it is missing, damaged or short of rows.
Table load_letter(const std::string& data_dir);

// 48,842 people: 6 numbers and 8 names each, classes "<=50K" and ">50K"; the rows of adult.data, then those of
// adult.test, from a folder uci or adult. 3,620 rows lack a value. The same errors.
Table load_adult(const std::string& data_dir);

}  // namespace fewer
