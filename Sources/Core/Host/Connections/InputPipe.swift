import BerthKit
import Foundation
import Glibc

extension SocketConnector {
  public func write(_ bytes: [UInt8], toPipe path: String, seconds: Double) async throws {
    let pipe = Glibc.open(path, O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC)
    guard pipe >= 0 else {
      // Nobody reads, or it went with the service.
      throw [ENXIO, ENOENT].contains(errno)
        ? ConnectionFailure.refused : ConnectionFailure.failed(String(cString: strerror(errno)))
    }
    defer { close(pipe) }
    var info = stat()
    guard fstat(pipe, &info) == 0, info.st_mode & S_IFMT == S_IFIFO else {
      throw ConnectionFailure.failed("'\(path)' is no pipe")
    }
    let end = ContinuousClock.now + .seconds(seconds)
    // What fits into the pipe's smallest piece is written as a whole or not at all; see pipe(7).
    while bytes.withUnsafeBytes({ Glibc.write(pipe, $0.baseAddress, $0.count) }) != bytes.count {
      guard [EAGAIN, EINTR].contains(errno) else { throw ConnectionFailure.failed(String(cString: strerror(errno))) }
      guard ContinuousClock.now < end else { throw ConnectionFailure.silent }
      try await Task.sleep(for: .milliseconds(20))
    }
  }
}
