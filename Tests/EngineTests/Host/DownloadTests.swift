import BerthHost
import BerthKit
import Foundation
import Synchronization
import TestSupport
import Testing

@Suite("Files over HTTP")
struct DownloadTests {
  private let folder: Folder
  private let downloads = CurlDownloads(runner: SubprocessRunner())
  private var path: String { "\(folder.path)/file" }

  init() throws { folder = try Folder() }

  private func fetch(_ url: String, atMost limit: Int64 = 1 << 30) async throws {
    try await downloads.fetch(url, to: path, atMost: limit) { _, _ in }
  }

  @Test("a file arrives as it is, also by a detour, and nothing is left beside it")
  func arrives() async throws {
    let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    let server = try FileServer(["/a": .file(bytes), "/b": .redirect("/c"), "/c": .redirect("/a")])
    for place in ["/a", "/b"] {
      try await fetch(server.url(place))
      #expect(FileManager.default.contents(atPath: path) == Data(bytes))
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["file"])
  }

  @Test("what is not there, does not come whole, or leads away from the web is an error")
  func refused() async throws {
    let secret = "\(folder.path)/secret"
    try Data("secret".utf8).write(to: URL(fileURLWithPath: secret))
    let server = try FileServer([
      "/cut": .cutOff([1, 2, 3], promised: 10), "/file": .redirect("file://\(secret)"),
      "/ftp": .redirect("ftp://127.0.0.1/x"), "/round": .redirect("/round"),
    ])
    for (place, says) in [
      ("/none", "404"), ("/cut", "(18)"), ("/file", "(1)"), ("/ftp", "(1)"), ("/round", "(47)"),
    ] {
      let url = server.url(place)
      let error = await refusal { try await fetch(url) }
      #expect(error?.code == "download-failed" && error?.kind.exitStatus == 69)
      #expect(error?.summary == "'\(url)' cannot be fetched")
      #expect(error?.cause?.contains(says) == true, "\(error?.cause ?? "")")
      #expect(FileManager.default.contents(atPath: path) != Data("secret".utf8))
    }
    let error = await refusal { try await fetch("file://\(secret)") }
    #expect(error?.code == "download-failed")
    #expect(FileManager.default.contents(atPath: path) != Data("secret".utf8))
  }

  @Test("nobody listening is an error at once")
  func nobody() async throws {
    let url = try FileServer([:]).url("/x")
    try await Task.sleep(for: .milliseconds(100))
    #expect(await refusal { try await fetch(url) }?.code == "download-failed")
  }

  @Test("what is larger than it may be is broken off, whether or not the server says so")
  func tooLarge() async throws {
    let server = try FileServer(["/said": .file(Array(repeating: 0, count: 5000)), "/endless": .endless])
    for place in ["/said", "/endless"] {
      let url = server.url(place)
      #expect(await refusal { try await fetch(url, atMost: 4000) }?.code == "download-failed")
    }
    try await fetch(server.url("/said"), atMost: 5000)
  }

  @Test("whoever cancels ends it")
  func cancelled() async throws {
    let silent = try LoopbackServer(tcp: 0) { $0.stay() }
    let downloads = downloads
    let path = path
    let task = Task {
      try await downloads.fetch("http://127.0.0.1:\(silent.port)/x", to: path, atMost: 10) { _, _ in }
    }
    try await Task.sleep(for: .milliseconds(300))
    task.cancel()
    // Given up by itself it would be a download that failed.
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test("without curl nothing is fetched, and the package is named")
  func noCurl() async throws {
    let downloads = CurlDownloads(runner: SubprocessRunner(), program: "\(folder.path)/curl")
    let error = await refusal { try downloads.require() }
    #expect(error?.code == "program-missing" && error?.kind.exitStatus == 69)
    #expect(error?.remedy == "apt-get install curl ca-certificates")
  }
}
