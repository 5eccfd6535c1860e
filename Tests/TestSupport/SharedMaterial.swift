import Foundation

/// Models and data kept outside the repository that some tests use when they are there.
///
/// The folder is `$SWIFTLET_SHARED`, or `../shared` beside the package. Tests that need it are
/// reported as skipped where it is absent.
public enum SharedMaterial {
  /// The folder, or nil where it is absent.
  public static let folder: URL? = {
    let package = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let path =
      ProcessInfo.processInfo.environment["SWIFTLET_SHARED"]
      ?? package.deletingLastPathComponent().appendingPathComponent("shared").path
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory),
      isDirectory.boolValue
    else { return nil }
    return URL(fileURLWithPath: path)
  }()

  /// Whether the folder is there.
  public static var isAvailable: Bool { folder != nil }

  /// The file at `path` inside the folder; throws where it cannot be read.
  public static func bytes(_ path: String) throws -> [UInt8] {
    guard let folder else { throw CocoaError(.fileNoSuchFile) }
    return [UInt8](try Data(contentsOf: folder.appendingPathComponent(path)))
  }

  /// The folder of the package itself.
  public static var packageFolder: URL {
    URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  }
}
