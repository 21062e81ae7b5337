import Foundation
import Synchronization
import Testing

/// A file system of its own with little room, which only the calling thread sees and which goes with it.
enum SmallDisk {
  private typealias Unshare = @convention(c) (Int32) -> Int32

  /// Does something with a folder in which there is room for some megabytes.
  ///
  /// Mounting takes root. Another user has the whole suite done once more as the root of a user namespace.
  ///
  /// - Parameter body: given what to call to have the disk full.
  static func with(
    _ folder: String, megabytes: Int, _ body: @escaping Body
  ) throws {
    guard getuid() == 0 else {
      #expect(asRoot == 0, "the tests of a full disk failed in a user namespace")
      return
    }
    let work = Work(body)
    let done = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      work.run(folder, megabytes)
      done.signal()
    }
    done.wait()
    if let error = work.error.withLock({ $0 }) { throw error }
  }

  typealias Body = @Sendable (_ fill: @Sendable () -> Void) throws -> Void

  /// What is done once, and held no longer, since the thread may end after the test.
  private final class Work: Sendable {
    let error = Mutex<(any Error)?>(nil)
    private let body: Mutex<Body?>

    init(_ body: @escaping Body) { self.body = Mutex(body) }

    func run(_ folder: String, _ megabytes: Int) {
      let body = self.body.withLock { $0.take() }
      do {
        try mount(folder, megabytes)
        defer { umount(folder) }
        try body? { fill(folder) }
      } catch {
        self.error.withLock { $0 = error }
      }
    }
  }

  private static func fill(_ folder: String) {
    let file = open("\(folder)/filler", O_WRONLY | O_CREAT, 0o600)
    let bytes = [UInt8](repeating: 1, count: 1 << 16)
    while write(file, bytes, bytes.count) > 0 {}
    close(file)
  }

  private static let asRoot: Int32 = {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/unshare")
    process.arguments = [
      "--user", "--map-root-user", "--mount",
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "",
      "--testing-library", "swift-testing", "--filter", "^ArchiveTests\\.FullDiskTests",
    ]
    process.standardOutput = FileHandle.standardError
    guard (try? process.run()) != nil else { return -1 }
    process.waitUntilExit()
    return process.terminationStatus
  }()

  private static func mount(_ folder: String, _ megabytes: Int) throws {
    let newNamespace: Int32 = 0x20000
    guard let symbol = dlsym(dlopen(nil, RTLD_NOW), "unshare"),
      unsafeBitCast(symbol, to: Unshare.self)(newNamespace) == 0,
      // What is mounted here must not appear elsewhere.
      Glibc.mount("none", "/", nil, UInt(MS_REC | MS_PRIVATE), nil) == 0,
      Glibc.mount("tmpfs", folder, "tmpfs", 0, "size=\(megabytes)m") == 0
    else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
  }
}
