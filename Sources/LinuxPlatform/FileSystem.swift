private import CPlatform

/// Files and folders by name.
public enum FileSystem {
  /// Bytes that may still be written on the file system a folder lies on, by a user who is not root.
  public static func freeByteCount(_ folder: borrowing FilePath) throws(PlatformError) -> Int64 {
    let opened = unsafe folder.withCString { unsafe swl_folder_open($0) }
    guard opened >= 0 else { throw PlatformError(.inspect, code: opened) }
    let folder = FileDescriptor(number: opened, closesOnDeinit: true)
    let free = swl_free_bytes(folder.number)
    guard free >= 0 else { throw PlatformError(.inspect, code: Int32(truncatingIfNeeded: free)) }
    return free
  }

  /// Gives a file another name, which is replaced where it exists.
  public static func rename(
    _ path: borrowing FilePath, to newPath: borrowing FilePath
  ) throws(PlatformError) {
    let newPath = copy newPath
    let result = unsafe path.withCString { path in
      unsafe newPath.withCString { unsafe swl_rename(path, $0) }
    }
    guard result >= 0 else { throw PlatformError(.rename, code: result) }
  }

  /// Removes a file.
  public static func remove(_ path: borrowing FilePath) throws(PlatformError) {
    let result = unsafe path.withCString { unsafe swl_unlink($0) }
    guard result >= 0 else { throw PlatformError(.remove, code: result) }
  }

  /// Waits until the storage device has the names in a folder: after files were made, renamed or
  /// removed there.
  public static func synchronizeFolder(_ path: borrowing FilePath) throws(PlatformError) {
    let opened = unsafe path.withCString { unsafe swl_folder_open($0) }
    guard opened >= 0 else { throw PlatformError(.synchronize, code: opened) }
    let folder = FileDescriptor(number: opened, closesOnDeinit: true)
    try folder.synchronize()
  }

  /// Whether something has the name.
  public static func exists(_ path: borrowing FilePath) -> Bool {
    unsafe path.withCString { unsafe swl_path_kind($0) } >= 0
  }

  /// Whether the name is a folder's.
  public static func isFolder(_ path: borrowing FilePath) -> Bool {
    Int(unsafe path.withCString { unsafe swl_path_kind($0) }) == SWL_FILE_FOLDER
  }
}
