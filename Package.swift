// swift-tools-version: 6.2

import PackageDescription

/// Every target is strict in the same way.
let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]
/// `make test` has the compiler optimize the program, which makes tests that compute take less time. The tests themselves are
/// not optimized, since that would take longer than it saves.
let isForTests = Context.environment["BERTH_OPTIMIZED"] != nil
let program = strict + (isForTests ? [.unsafeFlags(["-O"], .when(configuration: .debug))] : [])

// The modules of docs/architecture.md. A target lists only those below it, so the compiler refuses a call upwards.
let package = Package(
  name: "berth",
  products: [
    .executable(name: "berth", targets: ["berth"]),
    .library(name: "BerthKit", targets: ["BerthKit"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
  ],
  targets: [
    .systemLibrary(
      name: "CArchive", path: "Sources/Core/CArchive", pkgConfig: "libarchive", providers: [.apt(["libarchive-dev"])]),
    .systemLibrary(name: "CLinux", path: "Sources/Core/CLinux"),
    .target(name: "BerthKit", dependencies: ["Yams"], path: "Sources/Core/Kit", swiftSettings: program),
    .target(
      name: "BerthFiles", dependencies: ["BerthKit", "CLinux"], path: "Sources/Core/Files", swiftSettings: program),
    .target(
      name: "BerthRender",
      dependencies: ["BerthKit", "Yams", .product(name: "Mustache", package: "swift-mustache")],
      path: "Sources/Core/Render", swiftSettings: program),
    .target(
      name: "BerthStore",
      dependencies: [
        "BerthKit", .product(name: "GRDB", package: "GRDB.swift"), .product(name: "GRDBSQLite", package: "GRDB.swift"),
      ],
      path: "Sources/Core/Store", swiftSettings: program),
    .target(
      name: "BerthHost",
      dependencies: ["BerthKit", "BerthFiles", "CLinux", .product(name: "Subprocess", package: "swift-subprocess")],
      path: "Sources/Core/Host", swiftSettings: program),
    .target(
      name: "BerthArchive",
      dependencies: ["BerthKit", "BerthFiles", "CArchive", .product(name: "Crypto", package: "swift-crypto")],
      path: "Sources/Core/Archive", swiftSettings: program),
    .target(name: "BerthQuery", dependencies: ["BerthKit"], path: "Sources/Core/Query", swiftSettings: program),
    .target(
      name: "BerthPlan", dependencies: ["BerthKit", .product(name: "Crypto", package: "swift-crypto")],
      path: "Sources/Core/Plan", swiftSettings: program),
    .target(
      name: "BerthPlanning", dependencies: ["BerthKit", "BerthPlan", "BerthRender"], path: "Sources/Core/Planning",
      swiftSettings: program),
    .target(
      name: "BerthExecution", dependencies: ["BerthKit", "BerthPlan", "BerthRender", "BerthStore", "BerthHost"],
      path: "Sources/Core/Execution", swiftSettings: program),
    .target(
      name: "BerthEngine",
      dependencies: [
        "BerthKit", "BerthRender", "BerthStore", "BerthHost", "BerthArchive", "BerthQuery", "BerthPlan",
        "BerthPlanning", "BerthExecution",
        .product(name: "Crypto", package: "swift-crypto"),
      ],
      path: "Sources/Core/Engine", swiftSettings: program),
    .target(
      name: "BerthProof",
      dependencies: ["BerthKit", "BerthRender", "BerthHost", "BerthPlanning", "BerthExecution", "BerthEngine"],
      path: "Sources/Core/Proof", swiftSettings: program),
    .target(name: "BerthPlugins", dependencies: ["BerthKit"], path: "Sources/Plugins", swiftSettings: program),
    .target(
      name: "BerthCLI",
      dependencies: [
        "BerthKit", "BerthPlan", "BerthPlanning", "BerthExecution", "BerthEngine", "BerthPlugins", "BerthProof",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Sources/CLI", swiftSettings: program),
    .executableTarget(name: "berth", dependencies: ["BerthCLI"], path: "Sources/Program", swiftSettings: program),
    .testTarget(
      name: "KitTests", dependencies: ["TestSupport", "BerthKit", "Yams"], path: "Tests/KitTests", swiftSettings: strict
    ),
    .testTarget(
      name: "RenderTests", dependencies: ["TestSupport", "BerthRender", "BerthPlugins", "BerthHost"],
      path: "Tests/RenderTests",
      exclude: ["Golden", "GoldenSites"], swiftSettings: strict),
    .testTarget(
      name: "ArchiveTests", dependencies: ["TestSupport", "BerthArchive", "BerthFiles", "CArchive"],
      path: "Tests/ArchiveTests",
      swiftSettings: strict),
    .testTarget(
      name: "FilesTests", dependencies: ["TestSupport", "BerthFiles", "BerthHost", "BerthKit", "CLinux"],
      path: "Tests/FilesTests",
      swiftSettings: strict),
    .testTarget(
      name: "QueryTests", dependencies: ["TestSupport", "BerthQuery", "BerthHost", "BerthKit", "attack-doors"],
      path: "Tests/QueryTests",
      swiftSettings: strict),
    .testTarget(
      name: "EngineTests",
      dependencies: [
        "TestSupport", "BerthPlan", "BerthPlanning", "BerthExecution", "BerthEngine", "BerthPlugins", "BerthProof",
        "CArchive",
        "attack-doors",
      ],
      path: "Tests/EngineTests", exclude: ["Reports/Golden"],
      swiftSettings: strict),
    .testTarget(
      name: "CLITests",
      dependencies: [
        "BerthCLI", "BerthEngine", "BerthKit", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Tests/CLITests", swiftSettings: strict),
    // Attacks that tests run without rights.
    .executableTarget(name: "attack-doors", path: "Tests/Attacks/Doors"),
    // What the tests on real hosts share: running the program, sandboxes, and the servers' own protocols.
    .target(
      name: "TestSupport", dependencies: ["BerthKit", "BerthFiles", "BerthHost"], path: "Tests/Support",
      swiftSettings: strict),
    .testTarget(
      name: "HostTests", dependencies: ["TestSupport", "BerthKit", "BerthHost", "BerthCLI", "berth", "attack-doors"],
      path: "Tests/HostTests", swiftSettings: strict),
    .testTarget(
      name: "BootedHostTests",
      dependencies: ["TestSupport", "BerthKit", "BerthHost", "BerthQuery", "berth", "attack-doors"],
      path: "Tests/BootedHostTests", swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)
