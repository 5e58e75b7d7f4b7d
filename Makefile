# fewer: learning with fewer weights, fewer bits and fewer examples.
#
#   make            the trainer, all instruction sets in one binary        make demo     build and train on built-in data
#   make test       the test suite, in float and in double                 make asan     the suite under the sanitizers
#   make bench      the benchmarks (ONLY=conv: a part; JSON=file)           make fuzz     invented files, a minute per format
#   make layers     who may include whom
#   make install PREFIX=/usr/local                                          make deps     the Debian packages it needs
#
# BUILD is the folder of one flavour of objects: build/release, build/double (Real = double), build/asan.
BUILD    ?= build/release
CXX      ?= g++
# Nothing here reads errno after a square root; without this flag GCC would not vectorise one.
CXXFLAGS ?= -O3 -fno-math-errno
FLAVOUR  ?=
PREFIX   ?= /usr/local
WARN     := -Wall -Wextra -Werror
CPPFLAGS += -I. -MMD -MP
ALLFLAGS  = -std=c++20 $(CXXFLAGS) $(WARN) -fopenmp $(FLAVOUR)
LDLIBS   := -lopenblas -lz
VERSION  := 0.1.0
SOURCE_DIRS := core ops nn datasets learners
GOALS    := -j$(shell nproc) --no-print-directory

LIB_SRC  := $(filter-out learners/trainer.cpp,$(wildcard $(foreach d,$(SOURCE_DIRS),$d/*.cpp $d/*/*.cpp)))
ISA_SRC  := $(wildcard ops/kernels/isa/*.cpp)
FUZZ_SRC := $(filter-out %_test.cpp,$(wildcard tests/fuzz/*.cpp)) tests/support/idx_files.cpp tests/support/picture_files.cpp
TEST_SRC := $(wildcard tests/*.cpp tests/support/*.cpp tests/*/*_test.cpp tests/fuzz/*_target.cpp) tests/fuzz/targets.cpp
HEADERS  := $(wildcard $(foreach d,$(SOURCE_DIRS),$d/*.h $d/*/*.h $d/*/*/*.h))

# Kernel files are compiled once per instruction set, each time into a namespace of its own (ops/kernels/README.md).
ifeq ($(shell uname -m),x86_64)
ISAS := baseline avx2 avx512
else
ISAS := baseline
endif
ISA_FLAGS_baseline := -DFEWER_ISA=baseline
ISA_FLAGS_avx2     := -DFEWER_ISA=avx2 -mavx2 -mfma -mprefer-vector-width=256
ISA_FLAGS_avx512   := -DFEWER_ISA=avx512 -mavx512f -mavx512bw -mavx512dq -mavx512vl -mfma -mprefer-vector-width=512

LIB_OBJ  := $(LIB_SRC:%.cpp=$(BUILD)/%.o) $(foreach isa,$(ISAS),$(ISA_SRC:%.cpp=$(BUILD)/%.$(isa).o))
TEST_OBJ := $(TEST_SRC:%.cpp=$(BUILD)/%.o)

.DEFAULT_GOAL := trainer
.PHONY: trainer demo test run-tests asan fuzz bench layers install deps clean
.DELETE_ON_ERROR:

trainer: deps
	@$(MAKE) $(GOALS) $(BUILD)/trainer
	@cp $(BUILD)/trainer trainer
	@echo "built ./trainer; try: ./trainer configs/smoke/supervised_glyphs.json"

$(BUILD)/libfewer.a: $(LIB_OBJ)
	@rm -f $@
	ar rcs $@ $^
$(BUILD)/trainer: $(BUILD)/learners/trainer.o $(BUILD)/libfewer.a
	$(CXX) $(ALLFLAGS) -o $@ $^ $(LDLIBS)
$(BUILD)/tests/run: $(TEST_OBJ) $(BUILD)/libfewer.a
	$(CXX) $(ALLFLAGS) -o $@ $^ $(LDLIBS)
# Peers are optional: what this machine has the headers of (tests/bench/README.md).
HAVE = $(shell echo '\#include <$1>' | $(CXX) $(TORCH_INCLUDES) -fsyntax-only -M -x c++ - > /dev/null 2>&1 && echo $2)
TORCH_INCLUDES := -isystem /usr/include/torch/csrc/api/include
$(BUILD)/tests/bench/run: $(patsubst %.cpp,$(BUILD)/%.o,$(wildcard tests/bench/*.cpp)) $(BUILD)/libfewer.a
	$(CXX) $(ALLFLAGS) -o $@ $^ $(LDLIBS) $(call HAVE,dnnl.hpp,-ldnnl)
$(BUILD)/tests/bench/libtorch_peer: tests/bench/libtorch/peer.cpp
	@mkdir -p $(@D)
	$(CXX) -std=c++17 -O2 $(TORCH_INCLUDES) -o $@ $< -ltorch -ltorch_cpu -lc10

$(BUILD)/tests/fuzz/run: $(FUZZ_SRC:%.cpp=$(BUILD)/%.o) $(filter $(BUILD)/core/% $(BUILD)/datasets/%,$(LIB_OBJ))
	$(CXX) $(ALLFLAGS) -fsanitize=fuzzer -o $@ $^ $(LDLIBS)

$(BUILD)/%.o: %.cpp
	@mkdir -p $(@D)
	$(CXX) $(CPPFLAGS) $(ALLFLAGS) -c -o $@ $<
# Not ours: damaged pictures make it overflow and shift too far, without harm to memory (datasets/pictures/checks.h).
$(BUILD)/datasets/pictures/stb_image.o: override FLAVOUR += -fwrapv -fno-sanitize=undefined -Wno-maybe-uninitialized
define ISA_RULE
$(BUILD)/%.$(1).o: %.cpp
	@mkdir -p $$(@D)
	$(CXX) $(CPPFLAGS) $(ALLFLAGS) $(ISA_FLAGS_$(1)) -c -o $$@ $$<
endef
$(foreach isa,$(ISAS),$(eval $(call ISA_RULE,$(isa))))
-include $(LIB_OBJ:.o=.d) $(TEST_OBJ:.o=.d) $(BUILD)/tests/fuzz/fuzzer.d $(BUILD)/learners/trainer.d $(wildcard $(BUILD)/tests/bench/*.d)

# The commit a binary was built from goes into every summary: rebuild this one file when it changes.
GIT := $(shell git describe --always --dirty --abbrev=12 2>/dev/null || echo unknown)
$(BUILD)/learners/version.o: CPPFLAGS += -DFEWER_GIT='"$(GIT)"' -DFEWER_VERSION='"$(VERSION)"'
$(BUILD)/learners/version.o: $(BUILD)/git-$(GIT)
$(BUILD)/git-$(GIT):
	@mkdir -p $(BUILD) && rm -f $(BUILD)/git-* && touch $@

demo: trainer
	./trainer run configs/smoke/supervised_glyphs.json

# Both flavours, built one after the other, and one line at the end that counts the test cases of both.
test: PACKAGES += $(TEST_PACKAGES)
test: deps layers
	@$(MAKE) $(GOALS) $(BUILD)/trainer $(BUILD)/tests/run
	@$(MAKE) $(GOALS) BUILD=build/double CXXFLAGS=-O2 FLAVOUR=-DFEWER_DOUBLE build/double/tests/run
	@$(MAKE) --no-print-directory run-tests
run-tests:
	@status=0; \
	for flavour in $(BUILD) build/double; do \
	  echo "== $$flavour"; FEWER_BUILD=$$flavour $$flavour/tests/run $(TESTFLAGS) > $$flavour/tests/log 2>&1 || status=1; \
	  grep -E '^SKIPPED' $$flavour/tests/log | sort | uniq -c; [ $$status = 0 ] || cat $$flavour/tests/log; tail -n 4 $$flavour/tests/log; \
	done; \
	cat $(BUILD)/tests/log build/double/tests/log | sed 's/\x1b\[[0-9;]*m//g' | awk -F'[|:]' '/test cases:/ \
	  {split($$3, p, " "); split($$4, f, " "); passed += p[1]; failed += f[1]} END {print passed + 0 " passed, " failed + 0 " failed"}'; \
	exit $$status

# Leaks are counted by the suite itself (live nodes and storage); LeakSanitizer would count the pool's kept blocks. GCC 12 warns
# of uninitialised members inside its own <regex> and <functional> when it instruments them.
asan: PACKAGES += $(TEST_PACKAGES)
asan: deps
	@$(MAKE) $(GOALS) BUILD=build/asan CXXFLAGS="-O1 -g" \
	  FLAVOUR="-fsanitize=address,undefined -fno-sanitize-recover=undefined -Wno-maybe-uninitialized -DFEWER_DEBUG" build/asan/tests/run build/asan/trainer
	FEWER_BUILD=build/asan ASAN_OPTIONS=detect_leaks=0 build/asan/tests/run $(TESTFLAGS)

# Every reader of files against inputs that libFuzzer makes up (tests/README.md); a line for each at the end.
FUZZ_SECONDS ?= 60
fuzz: PACKAGES += clang libomp-dev
fuzz: deps
	@$(MAKE) $(GOALS) BUILD=build/fuzz CXX=clang++ CXXFLAGS="-O1 -g" \
	  FLAVOUR="-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined -Wno-unknown-warning-option -Wno-unknown-pragmas -DFEWER_DEBUG" build/fuzz/tests/fuzz/run
	@cd build/fuzz; status=0; for target in $(or $(ONLY),$$(tests/fuzz/run --list)); do \
	  mkdir -p corpus/$$target findings; rm -f findings/$$target-*; echo "fuzz: $$target, $(FUZZ_SECONDS) s"; \
	  if tests/fuzz/run --target=$$target corpus/$$target -max_total_time=$(FUZZ_SECONDS) -max_len=16384 -timeout=10 \
	    -malloc_limit_mb=256 -rss_limit_mb=1024 -artifact_prefix=findings/$$target- > $$target.log 2>&1; \
	  then lines="$$lines\n$$target: $$(sed -n 's/^Done //p' $$target.log), no finding"; \
	  else lines="$$lines\n$$target: FINDING, see build/fuzz/$$target.log and build/fuzz/findings/"; status=1; fi; \
	done; echo "$$lines"; exit $$status

bench: deps
	@$(MAKE) $(GOALS) $(BUILD)/tests/bench/run $(call HAVE,torch/torch.h,$(BUILD)/tests/bench/libtorch_peer)
	$(BUILD)/tests/bench/run $(ONLY) $(if $(JSON),--json $(JSON))

# core <- ops <- nn <- learners; datasets stands on core. Kernel files, and all they include, see two standard headers only.
LAYERS := core:core/ ops:core/|ops/ nn:core/|ops/|nn/ datasets:core/|datasets/ \
          learners:core/|ops/|nn/|datasets/|learners/ ops/kernels/isa:core/real.h|ops/kernels/
layers:
	@for layer in $(foreach l,$(LAYERS),'$(l)'); do \
	  folder=$${layer%%:*}; allowed=$${layer#*:}; \
	  if grep -rnE '^#include "' $$folder | grep -vE "#include \"($$allowed)"; then \
	    echo "layers: $$folder/ may include only $$allowed"; exit 1; fi; done
	@if grep -HnE '^#include <' $$($(CXX) -std=c++20 -I. -DFEWER_ISA=baseline -MM $(ISA_SRC) | tr ' \\' '\n\n' | grep -E '\.(h|cpp)$$' | sort -u) | \
	  grep -vE '<(cstdint|cstddef)>'; then echo "layers: kernel files may include only <cstdint> and <cstddef>"; exit 1; fi

install: deps
	@$(MAKE) $(GOALS) $(BUILD)/trainer
	install -d $(PREFIX)/bin $(PREFIX)/lib/pkgconfig $(PREFIX)/include/fewer
	install -m 755 $(BUILD)/trainer $(PREFIX)/bin/fewer-trainer
	install -m 644 $(BUILD)/libfewer.a $(PREFIX)/lib/libfewer.a
	@for header in $(HEADERS); do install -D -m 644 $$header $(PREFIX)/include/fewer/$$header || exit 1; done
	install -m 644 learners/fewer.h $(PREFIX)/include/fewer/fewer.h
	@printf '%s\n' 'prefix=$(abspath $(PREFIX))' 'Name: fewer' 'Version: $(VERSION)' \
	  'Description: learning with fewer weights, fewer bits and fewer examples' \
	  'Cflags: -std=c++20 -fopenmp -I$${prefix}/include -I$${prefix}/include/fewer' \
	  'Libs: -L$${prefix}/lib -lfewer $(LDLIBS) -fopenmp' > $(PREFIX)/lib/pkgconfig/fewer.pc

# Debian packages. A threaded OpenBLAS: the serial one may not be called from several threads.
PACKAGES      := g++ libopenblas-openmp-dev zlib1g-dev nlohmann-json3-dev libstb-dev
TEST_PACKAGES := doctest-dev pkg-config curl unzip
deps:
	@command -v dpkg-query > /dev/null || { echo "deps: not a Debian system; install the equivalents of: $(PACKAGES)"; exit 0; }; \
	missing=; for package in $(PACKAGES); do \
	  dpkg-query -W -f='$${Status}' $$package 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$package"; done; \
	[ -z "$$missing" ] && exit 0; echo "deps: installing$$missing"; \
	sudo=; if [ "$$(id -u)" != 0 ]; then sudo=sudo; command -v sudo > /dev/null || \
	  { echo "deps: root or sudo is needed to install$$missing"; exit 1; }; fi; \
	{ $$sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -y -qq $$missing > /dev/null; } || \
	  { echo "deps: could not install$$missing; install them by hand and run make again"; exit 1; }

clean:
	rm -rf build trainer
