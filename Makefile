# Everything a newcomer needs is `make demo` and `make test`; the rest is for those who change Berth.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
PREFIX ?= /usr
DESTDIR ?=
RELEASE := swift build -c release --static-swift-stdlib --product berth --scratch-path .build-release
# The files of the host that tests boot are made beside the build.
BUILD_TESTS := @scripts/test --ahead & BERTH_OPTIMIZED=1 swift build --build-tests || { s=$$?; wait; exit $$s; }; wait

.PHONY: help demo demo-clean build test test-all levels index fuzz host bench fmt check install deb docs api-docs setup clean

help:
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

setup:
	@scripts/setup build servers

build: ## build berth into .build/debug
	@scripts/setup build
	swift build --product berth

demo: ## two real game servers of two kinds side by side, command by command
	@scripts/setup build servers
	swift build --product berth
	@scripts/demo

demo-clean: ## remove everything that the demo made
	@scripts/demo --clean

test: ## all tests, against real servers
	@scripts/setup build servers tests
	$(BUILD_TESTS)
	@scripts/api-docs > /dev/null
	@scripts/test

test-all: ## the same, with every call at which Berth can be killed or fail, and the levels of all plugins
	@scripts/setup build servers tests
	$(BUILD_TESTS)
	@BERTH_EVERY_POINT=1 scripts/test
	@scripts/levels

levels: ## try every plugin that ships, and write docs/levels.md
	@scripts/setup build servers
	swift build --product berth
	@scripts/levels

index: ## an index of the plugins that ship, for a web server, into .build/index; KEY=FILE signs it
	@scripts/setup build
	swift build --product berth
	@.build/debug/berth app index plugins.d --to .build/index $(if $(KEY),--sign $(KEY))

fuzz: ## a million broken inputs for every reader of what strangers write
	@scripts/setup build servers tests
	BERTH_OPTIMIZED=1 swift build --build-tests
	BERTH_FUZZ=$${BERTH_FUZZ:-1000000} scripts/test --no-parallel --filter 'FuzzTests'

host: ## make the Debian host that the tests boot, if it is not there yet
	@$(if $(filter 0,$(shell id -u)),,sudo) scripts/test-host -- true

bench: ## measure against the budgets of docs/benchmarks.md
	@scripts/setup build servers bench
	$(RELEASE)
	@scripts/bench

fmt: ## format all Swift code
	swift format --in-place --recursive --parallel Package.swift Sources Tests

check: ## formatting, scripts, and what must not be in the code
	@scripts/check

install: ## build for release and install below PREFIX (/usr)
	@scripts/setup build
	$(RELEASE)
	@scripts/install .build-release/release/berth "$(DESTDIR)" "$(PREFIX)"

deb: ## build for release and make a Debian package in .build-release
	@scripts/setup build package
	$(RELEASE)
	@scripts/deb

docs: ## the help of every command, as one page; needs make build
	@scripts/command-help > docs/commands.md

api-docs: ## pages of the library for plugins in Swift, into .build/api-docs; needs make build
	@scripts/api-docs

clean: ## remove what was built
	rm -rf .build .build-release
