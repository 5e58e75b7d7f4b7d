# fewer: fewer weights, fewer bits, fewer examples.   make && ./trainer configs/smoke/supervised_glyphs.json
#
# BUILD names the folder of one flavour of objects; the flavours are
#   build/release (default)   build/double (Real = double, for gradient tests)   build/asan (address and undefined behaviour)
BUILD    ?= build/release
CXX      ?= g++
WARN     := -Wall -Wextra -Werror
CXXFLAGS ?= -O3
FLAVOUR  ?=
CPPFLAGS += -I. -MMD -MP
ALLFLAGS  = -std=c++20 $(CXXFLAGS) $(WARN) -fopenmp $(FLAVOUR)
LDLIBS   := -lopenblas -lz

LIB_SRC  := $(filter-out learners/trainer.cpp,$(wildcard core/*.cpp ops/*.cpp ops/kernels/*.cpp nn/*.cpp datasets/*.cpp learners/*.cpp learners/*/*.cpp))
# Files compiled once per instruction set, each into a namespace of its own (see ops/kernels/README.md).
ISA_SRC  := $(wildcard ops/kernels/isa/*.cpp)
ARCH     := $(shell uname -m)
ifeq ($(ARCH),x86_64)
ISAS := baseline avx2 avx512
else
ISAS := baseline
endif
ISA_FLAGS_baseline := -DFEWER_ISA=baseline
ISA_FLAGS_avx2     := -DFEWER_ISA=avx2 -mavx2 -mfma -mprefer-vector-width=256
ISA_FLAGS_avx512   := -DFEWER_ISA=avx512 -mavx512f -mavx512bw -mavx512dq -mavx512vl -mfma -mprefer-vector-width=512
ISA_OBJ  := $(foreach isa,$(ISAS),$(ISA_SRC:%.cpp=$(BUILD)/%.$(isa).o))
LIB_OBJ  := $(LIB_SRC:%.cpp=$(BUILD)/%.o) $(ISA_OBJ)
TEST_SRC := $(wildcard tests/*.cpp tests/support/*.cpp tests/*/*_test.cpp)
TEST_OBJ := $(TEST_SRC:%.cpp=$(BUILD)/%.o)

trainer: $(BUILD)/trainer
	cp $< $@

$(BUILD)/libfewer.a: $(LIB_OBJ)
	rm -f $@ && ar rcs $@ $^
$(BUILD)/trainer: $(BUILD)/learners/trainer.o $(BUILD)/libfewer.a
	$(CXX) $(ALLFLAGS) -o $@ $^ $(LDLIBS)
$(BUILD)/tests/run: $(TEST_OBJ) $(BUILD)/libfewer.a
	$(CXX) $(ALLFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/%.o: %.cpp
	@mkdir -p $(@D)
	$(CXX) $(CPPFLAGS) $(ALLFLAGS) -c -o $@ $<
define ISA_RULE
$(BUILD)/%.$(1).o: %.cpp
	@mkdir -p $$(@D)
	$(CXX) $(CPPFLAGS) $(ALLFLAGS) $(ISA_FLAGS_$(1)) -c -o $$@ $$<
endef
$(foreach isa,$(ISAS),$(eval $(call ISA_RULE,$(isa))))
-include $(LIB_OBJ:.o=.d) $(TEST_OBJ:.o=.d) $(BUILD)/learners/trainer.d

.PHONY: trainer
