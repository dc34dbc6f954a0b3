# make run: build the page, serve the atlas. make test: everything that must hold.
# Both install what they need and lack.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.PHONY: pictures run build page test unit data-check clients qgis e2e proof fuzz bench bench-rivals bench-tools bench-go bench-page lint fmt data tools clean

LISTEN ?= localhost:8080
PAGE := web/leaflet
BENCHED := .cache/bench
TOOLS := $(CURDIR)/.cache/tools
GOLANGCI := $(TOOLS)/golangci-lint-v2.15.0
GOFUMPT := $(TOOLS)/gofumpt-v0.12.0
export KHARITA_CHROMIUM ?= /usr/bin/chromium

run: build
	bin/mapserver serve --listen $(LISTEN)

build: page
	go build -trimpath -o bin/mapserver ./cmd/mapserver

# The page is built again when one of its sources is newer than the last build.
page: $(PAGE)/dist/index.html
$(PAGE)/dist/index.html: $(PAGE)/node_modules/.package-lock.json $(shell find $(PAGE)/src $(PAGE)/public -type f 2>/dev/null) $(wildcard $(PAGE)/*.mjs $(PAGE)/*.json)
	cd $(PAGE) && npm run --silent build
	@touch $@
$(PAGE)/node_modules/.package-lock.json: $(PAGE)/package-lock.json
	cd $(PAGE) && npm ci --no-audit --no-fund --silent
	@touch $@

test: lint unit data-check clients e2e

unit: page
	go test -race ./...
	cd $(PAGE) && npm run --silent test

# A browser on a busy machine now and then misses a deadline: what fails is tried
# once more, whole, and said.
e2e: build | chromium
	cd $(PAGE) && npm run --silent e2e || { echo "a browser test failed; all of them once more"; npm run --silent e2e; }

# GDAL, which nobody here wrote, reads a running server in every way that it knows.
clients: page | gdal
	go vet -tags clients ./internal/clients
	go test -count 1 -tags clients ./internal/clients

# QGIS itself, without a window; its packages take a gigabyte.
qgis: page | gdal
	@/usr/bin/python3 -c 'import qgis.core' 2>/dev/null || scripts/install python3-qgis fonts-noto-core
	go vet -tags 'clients qgis' ./internal/clients
	go test -count 1 -tags 'clients qgis' -run '^TestQGIS' ./internal/clients

# What takes longer than a test may: all tiles, long fuzzing, QGIS, the data rebuilt.
proof: build fuzz qgis
	go test -timeout 60m -tags proof ./...
	$(MAKE) data
	git diff --exit-code -- data

# Every parser and encoder, a minute each.
fuzz:
	scripts/fuzz 60s

# The program as it is built, over HTTP, on seeded data, beside the limits: some ten
# minutes on two cores. BENCH=cities,heavy measures only these sets, PART=items that part.
bench: build $(BENCHED)/node_modules/.package-lock.json
	go build -trimpath -o $(BENCHED)/bench ./internal/bench
	$(BENCHED)/bench -sets '$(BENCH)' -part '$(PART)'

# Cold tiles beside geojson-vt and PostGIS, as far as they are installed.
bench-rivals: build $(BENCHED)/node_modules/.package-lock.json
	go build -trimpath -o $(BENCHED)/bench ./internal/bench
	$(BENCHED)/bench -rivals -rounds 2 -sets '$(or $(BENCH),cities,countries)'
$(BENCHED)/node_modules/.package-lock.json: internal/bench/package-lock.json
	@mkdir -p $(BENCHED)
	cp internal/bench/package.json internal/bench/package-lock.json $(BENCHED)
	cd $(BENCHED) && npm ci --no-audit --no-fund --silent
	@touch $@

# What these two measure too if it is there.
bench-tools:
	scripts/install nginx-light postgresql-15-postgis-3

# The parts by themselves, inside the Go tests' process.
bench-go:
	go test -run '^$$' -bench . -benchmem ./...

# The pictures in docs, taken from the shipped atlas.
pictures: build | chromium
	cd $(PAGE) && npm run --silent pictures

# What the page costs in a browser: CPU and frames while time is dragged.
bench-page: build | chromium
	cd $(PAGE) && npm run --silent bench

lint: $(GOLANGCI) page
	$(GOLANGCI) run ./...
	cd $(PAGE) && npm run --silent check

fmt: $(GOFUMPT) $(PAGE)/node_modules/.package-lock.json
	$(GOFUMPT) -w cmd geo internal web data
	cd $(PAGE) && npx biome check --write .

data: data/build/node_modules/.package-lock.json
	go run ./data/build

# The shipped layers are what the tables make, to the byte.
data-check: data/build/node_modules/.package-lock.json
	go run ./data/build -check
data/build/node_modules/.package-lock.json: data/build/package-lock.json
	cd data/build && npm ci --no-audit --no-fund --silent
	@touch $@

tools: $(GOLANGCI) $(GOFUMPT)
$(TOOLS)/golangci-lint-%:
	@mkdir -p $(TOOLS)
	GOBIN=$(TOOLS)/bin go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$*
	mv $(TOOLS)/bin/golangci-lint $@
$(TOOLS)/gofumpt-%:
	@mkdir -p $(TOOLS)
	GOBIN=$(TOOLS)/bin go install mvdan.cc/gofumpt@$*
	mv $(TOOLS)/bin/gofumpt $@

# A browser for the tests of the page: the system's, installed if it is missing.
.PHONY: chromium
chromium:
	@test -x $(KHARITA_CHROMIUM) || scripts/install chromium fonts-noto-core

# A stranger's client for the tests of the server.
.PHONY: gdal
gdal:
	@command -v ogrinfo >/dev/null && command -v ogr2ogr >/dev/null || scripts/install gdal-bin

clean:
	rm -rf bin .cache $(PAGE)/dist/assets $(PAGE)/dist/index.html
