// swift-tools-version: 6.2
import PackageDescription

// libtorch: `scripts/setup` unpacks or links one into .deps/libtorch; LIBTORCH names another.
let libtorch = Context.environment["LIBTORCH"] ?? "\(Context.packageDirectory)/.deps/libtorch"

// The shim is optimised in every configuration: its kernels are the training loop's inner loops.
let cxx: [CXXSetting] = [
  .define("NDEBUG"),
  .unsafeFlags([
    "-O2", "-fvisibility=hidden", "-isystem", "\(libtorch)/include",
    "-isystem", "\(libtorch)/include/torch/csrc/api/include",
  ]),
]
let torchLibraries: [LinkerSetting] = [
  .unsafeFlags(["-L\(libtorch)/lib", "-Xlinker", "-rpath", "-Xlinker", "\(libtorch)/lib"]),
  .linkedLibrary("torch_cpu"), .linkedLibrary("c10"),
]

let swift: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

/// One row per target: what it may import, in the order of the layers (Tests/RepositoryTests checks it).
/// `byteLoops` are optimised in debug builds too: hashing a checkpoint unoptimised takes minutes.
func module(_ name: String, _ dependencies: [Target.Dependency] = [], byteLoops: Bool = false) -> Target {
  let optimised: [SwiftSetting] = byteLoops ? [.unsafeFlags(["-O"], .when(configuration: .debug))] : []
  return .target(name: name, dependencies: dependencies, exclude: ["README.md"], swiftSettings: swift + optimised)
}
func tests(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .testTarget(name: "\(name)Tests", dependencies: dependencies + ["TestSupport"], swiftSettings: swift)
}
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
// These two bring modules whose names are also ours.
let httpClient: Target.Dependency = .product(
  name: "AsyncHTTPClient", package: "async-http-client", moduleAliases: ["Configuration": "SwiftConfiguration"])
let sqlite: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let hummingbird: Target.Dependency = .product(
  name: "Hummingbird", package: "hummingbird", moduleAliases: ["Configuration": "SwiftConfiguration", "Metrics": "SwiftMetrics"])

let package = Package(
  name: "attune",
  products: [
    .executable(name: "attune", targets: ["attune"]),
    .executable(name: "attune-engine", targets: ["attune-engine"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
  ],
  targets: [
    .target(name: "CTorch", path: "CShims/CTorch", cxxSettings: cxx, linkerSettings: torchLibraries),
    .target(name: "COpenBLAS", path: "CShims/COpenBLAS"),
    .target(name: "CSentencePiece", path: "CShims/CSentencePiece", linkerSettings: [.linkedLibrary("sentencepiece_train"), .linkedLibrary("sentencepiece")]),

    module("Files", byteLoops: true),
    module("Torch", ["CTorch"]),
    module("Tokenizers", ["CSentencePiece", "Files"], byteLoops: true),
    module("Metrics", byteLoops: true),
    module("Datasets", ["Files", "Tokenizers"], byteLoops: true),
    module("Configuration", ["Files", yams]),
    module("Baselines", ["COpenBLAS", "Files"], byteLoops: true),
    module("NN", ["Torch"]),
    module("Checkpoints", ["Files", "NN", "Torch"]),
    module("Models", ["Files", "Torch", "NN", "Checkpoints", "Tokenizers"]),
    module("Generation", ["Torch", "Tokenizers", "Metrics", "Checkpoints", "Models"], byteLoops: true),
    module("Training", ["Files", "Torch", "NN", "Checkpoints", "Models", "Datasets", "Metrics"]),
    module("Scoring", ["Files", "Torch", "Tokenizers", "Metrics", "Checkpoints", "Models"]),
    module("Reports", ["Files"]),
    module("Endpoints", ["Files", "Tokenizers", "Configuration", httpClient, sqlite, nioCore, nioHTTP1]),
    module("Serving", ["Files", "Tokenizers", "Generation", logging, nioCore, hummingbird]),
    module("Evaluation", ["Files", "Tokenizers", "Datasets", "Metrics", "Reports"], byteLoops: true),
    module(
      "Recipes",
      [
        "Files", "Torch", "Tokenizers", "Metrics", "Datasets", "Configuration", "Baselines", "NN", "Checkpoints",
        "Models", "Generation", "Training", "Scoring", "Reports", "Endpoints", "Serving", "Evaluation",
      ]),
    module(
      "AttuneCommands", ["Files", "Datasets", "Tokenizers", "Metrics", "Configuration", "Reports", "Evaluation", argumentParser, logging]),
    .executableTarget(name: "attune", dependencies: ["AttuneCommands"], swiftSettings: swift),
    .executableTarget(
      name: "attune-bench",
      dependencies: ["Torch", "Tokenizers", "Datasets", "Baselines", "Files", "Metrics", "NN", "Checkpoints", "Models", "Training", "Generation", "Scoring", "Configuration", "Endpoints", "Recipes"],
      swiftSettings: swift),
    .executableTarget(name: "attune-engine", dependencies: ["AttuneCommands", "Recipes"], swiftSettings: swift),

    .target(name: "TestSupport", dependencies: ["Files", "Metrics"], path: "Tests/TestSupport", swiftSettings: swift),
    tests("Files", ["Files", "Metrics"]),
    tests("Torch", ["Torch", "Metrics", "Files"]),
    tests("Tokenizers", ["Tokenizers", "Files"]),
    tests("Metrics", ["Metrics", "Files"]),
    tests("Datasets", ["Datasets", "Tokenizers", "Metrics", "Files"]),
    tests("Configuration", ["Configuration", "Files"]),
    tests("Baselines", ["Baselines", "Datasets", "Metrics", "Files"]),
    tests("NN", ["NN", "Torch", "Checkpoints", "Files"]),
    tests("Checkpoints", ["Checkpoints", "NN", "Torch", "Files"]),
    tests("Models", ["Models", "Checkpoints", "NN", "Torch", "Tokenizers", "Files"]),
    tests("Generation", ["Generation", "Models", "Checkpoints", "NN", "Torch", "Tokenizers", "Files"]),
    tests("Training", ["Training", "Models", "Checkpoints", "NN", "Torch", "Datasets", "Metrics", "Files"]),
    tests("Scoring", ["Scoring", "Models", "Metrics", "Torch", "Files"]),
    tests("Reports", ["Reports", "Files"]),
    tests("Endpoints", ["Endpoints", "Configuration", "Tokenizers", "Files"]),
    tests("Serving", ["Serving", "Recipes", "Configuration", "Endpoints", "Generation", "Models", "Checkpoints", "Torch", "Tokenizers", "Files"]),
    tests("Evaluation", ["Evaluation", "Tokenizers", "Datasets", "Metrics", "Reports", "Files"]),
    tests("Recipes", ["Recipes", "Evaluation", "Endpoints", "Training", "Generation", "Models", "Checkpoints", "NN", "Torch", "Datasets", "Configuration", "Metrics", "Files", "Tokenizers"]),
    tests("CommandLine", ["attune", "AttuneCommands", "Configuration", "Datasets", "Files", argumentParser]),
    tests("Repository", ["Files"]),
  ],
  swiftLanguageModes: [.v6],
  cxxLanguageStandard: .cxx20
)
