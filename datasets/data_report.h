// What `trainer data NAME` says of a data set: splits, classes and their balance, mean and standard deviation.
#pragma once

#include <string>

#include "datasets/contact_sheet.h"
#include "datasets/dataset.h"

namespace fewer {

// Shape, splits, number of classes, drawers and groups ("Group/class"), mean and std of the training split. Several lines.
std::string report_dataset(const Dataset& data);

// A line for each class on the sheet: where it is, its name, and how many images each split has of it.
std::string report_sheet(const ContactSheet& sheet, const Dataset& data);

}  // namespace fewer
