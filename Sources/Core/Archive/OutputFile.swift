import BerthFiles
import BerthKit
import CArchive
import Glibc

/// A file that is written beside its place, readable by its owner alone from the first byte.
final class OutputFile {
  let descriptor: Int32
  let path: String

  init(_ path: String) throws {
    self.path = path
    // What a run that broke off has left.
    TreeRemoval.remove(path)
    descriptor = HostPath.open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600)
    guard descriptor >= 0 else { throw BerthError.fileSystem("cannot write", path) }
  }

  deinit { close(descriptor) }

  func write(_ bytes: Bytes) throws {
    try bytes.withUnsafeBytes { bytes in
      var written = 0
      while written < bytes.count {
        let count = Glibc.write(descriptor, bytes.baseAddress?.advanced(by: written), bytes.count - written)
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { throw BerthError.fileSystem("cannot write", path) }
        written += count
      }
    }
  }

  /// Lets the disk begin with what was written, so that there is less to wait for at the end.
  func startWriting() { _ = sync_file_range(descriptor, 0, 0, Linux.syncFileRangeWrite) }

  /// Waits until everything is on the disk.
  ///
  /// - Returns: the size in bytes.
  func sync() throws -> Int64 {
    var info = stat()
    guard fsync(descriptor) == 0, fstat(descriptor, &info) == 0 else {
      throw BerthError.fileSystem("cannot write", path)
    }
    return Int64(info.st_size)
  }

  /// Gives the file its name, for good.
  func rename(to name: String) throws {
    guard HostPath.rename(path, to: name) else { throw BerthError.fileSystem("cannot name", name) }
    guard let folder = OpenFolder(WholeFile.folder(of: name)), fsync(folder.descriptor) == 0 else {
      let number = errno
      // What may be gone after a power cut must not look as if it were there.
      TreeRemoval.remove(name)
      throw BerthError.fileSystem("cannot write", name, number: number)
    }
  }

  func remove() { TreeRemoval.remove(path) }
}

/// Files that are read or written in one piece.
enum WholeFile {
  static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  static func read(_ path: String, atMost limit: Int) throws -> Bytes {
    let descriptor = HostPath.open(path, O_RDONLY)
    guard descriptor >= 0 else { throw BerthError.fileSystem("cannot read", path) }
    defer { close(descriptor) }
    var info = stat()
    guard fstat(descriptor, &info) == 0, info.st_mode & S_IFMT == S_IFREG, info.st_size <= limit else {
      throw BerthError.badBackup("its list of files is too long, or none", archive: path)
    }
    let size = Int(info.st_size)
    var failed: Int32 = 0
    let bytes = Bytes(unsafeUninitializedCapacity: size) { buffer, count in
      while count < size {
        let read = Glibc.read(descriptor, buffer.baseAddress?.advanced(by: count), size - count)
        if read < 0 && errno == EINTR { continue }
        if read < 0 { failed = errno }
        if read <= 0 { break }
        count += read
      }
    }
    guard failed == 0 else { throw BerthError.fileSystem("cannot read", path, number: failed) }
    return bytes
  }

  /// Replaces a file in one step.
  static func write(_ bytes: Bytes, to path: String) throws {
    let file = try OutputFile("\(path).part")
    do {
      try file.write(bytes)
      _ = try file.sync()
      try file.rename(to: path)
    } catch {
      file.remove()
      throw error
    }
  }
}

/// How much a file system still takes.
enum FreeSpace {
  /// Bytes that are left alone.
  private static let reserve: Int64 = 1 << 20

  /// - Throws: `no-space` when there is less room than needed where the file or folder lies.
  static func check(_ folder: String, for needed: Int64) throws {
    guard needed > 0 else { return }
    let info = try look(folder)
    let (product, overflow) = Int64(info.f_frsize).multipliedReportingOverflow(by: Int64(clamping: info.f_bavail))
    let free = overflow ? Int64.max : product
    guard free - reserve >= needed else { throw BerthError.noSpace(folder, needed: needed, free: free) }
  }

  /// The same for files, of which some file systems take so many only.
  static func check(_ folder: String, forFiles needed: Int) throws {
    let info = try look(folder)
    guard info.f_files == 0 || Int64(clamping: info.f_favail) >= needed else {
      throw BerthError.noFiles(folder, needed: needed, free: Int(clamping: info.f_favail))
    }
  }

  private static func look(_ folder: String) throws -> statvfs {
    var info = statvfs()
    guard statvfs(folder, &info) == 0 else { throw BerthError.fileSystem("cannot look at", folder) }
    return info
  }
}
