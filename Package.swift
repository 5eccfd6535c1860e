// swift-tools-version: 6.2

import PackageDescription

// Read from the bottom: two programs on top, arrows down only. An import that is not declared
// here fails the build (`--explicit-target-dependency-import-check error`, see scripts/test).

/// Modules that run on the board. They are written once and compiled twice: as ordinary Swift for
/// the workstation and the tests, and as Embedded Swift for the device (see cross/).
let device: [SwiftSetting] = [
  .enableExperimentalFeature("Lifetimes"),
  .enableExperimentalFeature("AddressableParameters"),
  .strictMemorySafety(),
  .treatWarning("EmbeddedRestrictions", as: .error),
]

/// Modules of the device whose code size counts for more than their speed: what runs at the start,
/// once a sample or once a prediction, and not once a tensor element.
let compact = device + [.unsafeFlags(["-Osize"], .when(configuration: .release))]

let host: [SwiftSetting] = [
  .enableExperimentalFeature("Lifetimes")
]

let package = Package(
  name: "swiftlet",
  platforms: [.macOS(.v26)],
  products: [
    .executable(name: "swiftlet", targets: ["swiftlet"]),
    .executable(name: "swiftletd", targets: ["swiftletd"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0")
  ],
  targets: [
    // Host: Foundation is allowed here and only here.
    .executableTarget(
      name: "swiftlet",
      dependencies: [
        "Conversion", "Report", "ModelCommands", "Pipeline", "Acquisition", "Inference",
        "ModelFormat", "Signal", "Drift", "Checksum",
        "Interchange", "Journal", "LinuxPlatform", "Text",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: host),
    .target(
      name: "Conversion",
      dependencies: [
        "Checksum", "Inference", "ModelFormat", "Signal", "Drift", "FixedPoint", "Text",
      ],
      swiftSettings: host),
    .target(
      name: "Report", dependencies: ["Journal", "Drift", "ModelFormat", "Text"],
      swiftSettings: host),

    // Device.
    .executableTarget(
      name: "swiftletd",
      dependencies: [
        "ModelCommands", "Pipeline", "Acquisition", "Sensors", "Hardware", "Drift", "Inference",
        "ModelFormat", "Interchange", "LocalAPI", "Journal", "LinuxPlatform", "Text", "CInih",
      ],
      swiftSettings: compact,
      // The bare-metal triples of the board do not follow the module map's `link` line.
      linkerSettings: [.linkedLibrary("inih")]),
    .target(
      name: "Pipeline",
      dependencies: [
        "Acquisition", "Inference", "ModelFormat", "Signal", "Drift", "FixedPoint", "Interchange",
        "Journal", "Text",
      ],
      swiftSettings: device),
    .target(
      name: "Acquisition", dependencies: ["Sensors", "Hardware", "Text"], swiftSettings: compact),
    .target(
      name: "Sensors", dependencies: ["Hardware", "Interchange", "FixedPoint", "Text"],
      swiftSettings: compact),
    .target(
      name: "LinuxPlatform", dependencies: ["CPlatform", "Hardware", "Journal", "Text"],
      swiftSettings: compact),
    .target(
      name: "CPlatform",
      linkerSettings: [.linkedLibrary("gpiod"), .linkedLibrary("i2c")]),
    // No `pkgConfig:`, it would put this machine's library folder into the link for the board.
    .systemLibrary(name: "CInih", providers: [.apt(["libinih-dev"])]),

    // Shared by both.
    .target(
      name: "ModelCommands",
      dependencies: [
        "Pipeline", "Inference", "ModelFormat", "Interchange", "Journal", "LinuxPlatform", "Text",
      ],
      swiftSettings: compact),
    .target(
      name: "Inference", dependencies: ["ModelFormat", "FixedPoint", "CKernels"],
      swiftSettings: device),
    .target(name: "CKernels"),
    .target(name: "ModelFormat", dependencies: ["Checksum", "Text"], swiftSettings: compact),
    .target(name: "FixedPoint", swiftSettings: device),
    .target(
      name: "Signal", dependencies: ["ModelFormat"], swiftSettings: device,
      // Square roots in programs that do not import Foundation.
      linkerSettings: [.linkedLibrary("m")]),
    .target(
      name: "Drift", dependencies: ["Checksum", "ModelFormat", "Signal", "Text"],
      swiftSettings: device),
    .target(name: "Hardware", dependencies: ["Text"], swiftSettings: compact),
    .target(
      name: "LocalAPI", dependencies: ["Interchange", "Journal", "Text"], swiftSettings: compact),
    .target(name: "Interchange", dependencies: ["Text"], swiftSettings: compact),
    .target(name: "Journal", dependencies: ["Checksum", "Text"], swiftSettings: compact),
    .target(name: "Checksum", swiftSettings: compact),
    .target(name: "Text", swiftSettings: compact),

    // Tests.
    .target(
      name: "TestSupport", dependencies: ["Conversion", "Inference", "ModelFormat"],
      path: "Tests/TestSupport"),
    .testTarget(
      name: "FixedPointTests", dependencies: ["FixedPoint", "TestSupport"],
      resources: [.copy("Fixtures")]),
    .testTarget(
      name: "ModelFormatTests", dependencies: ["ModelFormat", "Conversion", "TestSupport"]),
    .testTarget(
      name: "InferenceTests",
      dependencies: [
        "Inference", "Conversion", "ModelFormat", "FixedPoint", "LinuxPlatform", "TestSupport",
      ]),
    .testTarget(
      name: "ConversionTests",
      dependencies: ["Conversion", "Inference", "LinuxPlatform", "ModelFormat", "TestSupport"]),
    .testTarget(
      name: "CKernelsTests",
      dependencies: ["CKernels", "Inference", "ModelFormat", "FixedPoint", "TestSupport"]),
    .testTarget(name: "TextTests", dependencies: ["Text", "TestSupport"]),
    .testTarget(
      name: "InterchangeTests", dependencies: ["Interchange", "Text", "TestSupport"],
      resources: [.copy("Fixtures")]),
    .testTarget(
      name: "JournalTests",
      dependencies: ["Journal", "Checksum", "LinuxPlatform", "Text", "TestSupport"]),
    .testTarget(name: "ChecksumTests", dependencies: ["Checksum"]),
    .testTarget(
      name: "LinuxPlatformTests",
      dependencies: ["LinuxPlatform", "Hardware", "Journal", "Text", "TestSupport"]),
    .testTarget(
      name: "LocalAPITests", dependencies: ["LocalAPI", "Interchange", "Text", "TestSupport"]),
    .testTarget(name: "HardwareTests", dependencies: ["Hardware", "Text", "TestSupport"]),
    .testTarget(
      name: "SensorsTests", dependencies: ["Sensors", "Hardware", "Text", "TestSupport"],
      resources: [.copy("Fixtures")]),
    .testTarget(
      name: "AcquisitionTests",
      dependencies: ["Acquisition", "Sensors", "Hardware", "Text", "TestSupport"]),
    .testTarget(
      name: "SignalTests",
      dependencies: ["Signal", "Conversion", "ModelFormat", "TestSupport"],
      resources: [.copy("Fixtures")]),
    // Runs on every processor under QEMU, by scripts/check-drift; no product.
    .executableTarget(
      name: "DriftCheck", dependencies: ["Drift", "LinuxPlatform", "ModelFormat", "Text"],
      path: "Tests/DriftOnDevice", swiftSettings: device),
    // The same for the features of a contract, by scripts/check-features.
    .executableTarget(
      name: "FeatureCheck",
      dependencies: [
        "Pipeline", "Acquisition", "Interchange", "LinuxPlatform", "ModelFormat", "Text",
      ],
      path: "Tests/FeaturesOnDevice", swiftSettings: device),
    // Years of samples for docs/drift.md, run by scripts/drift-study; no product.
    .executableTarget(
      name: "DriftSimulation", dependencies: ["Drift", "Conversion", "ModelFormat"],
      path: "Tests/DriftSimulation", swiftSettings: host),
    .testTarget(
      name: "DriftTests", dependencies: ["Drift", "Conversion", "ModelFormat"],
      resources: [.copy("Fixtures")]),
    .testTarget(
      name: "PipelineTests",
      dependencies: [
        "Pipeline", "Acquisition", "Conversion", "Drift", "Inference", "ModelFormat",
        "Interchange", "Journal", "Text", "TestSupport",
      ]),
    .testTarget(
      name: "ReportTests",
      dependencies: ["Report", "Journal", "LinuxPlatform", "ModelFormat", "Text"]),
    // Run the programs as a user does; as dependencies they are built before.
    .testTarget(
      name: "ProgramTests",
      dependencies: [
        "swiftlet", "swiftletd", "Conversion", "Inference", "ModelFormat", "TestSupport",
      ],
      resources: [.copy("Fixtures")]),
    // Boot emulated boards; skipped where scripts/boards has not fetched them.
    .testTarget(name: "BoardTests", dependencies: ["swiftlet"]),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .c11
)
