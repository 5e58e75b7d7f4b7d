// The number type of the whole framework.
//
// `Real` is float. The gradient tests compile the same sources with -DFEWER_DOUBLE, where it is double: central
// differences need the digits. Code that is tuned for float keeps a portable twin that the double build uses.
#pragma once

namespace fewer {

#ifdef FEWER_DOUBLE
using Real = double;
#else
using Real = float;
#endif

}  // namespace fewer
