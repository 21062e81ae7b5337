import BerthFiles
import Foundation

@testable import BerthArchive

/// Numbers that are the same in every run.
struct SeededNumbers: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 &+ 1 }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}

/// Makes and changes trees at random, with everything in them that a backup keeps.
struct RandomTree {
  private let top: String
  private var numbers: SeededNumbers
  private var folders: [Bytes] = [[]]
  private var files: [Bytes] = []

  init(_ top: String, seed: UInt64) {
    self.top = top
    numbers = SeededNumbers(seed)
  }

  mutating func grow(_ count: Int) {
    for _ in 0..<count {
      let path = name(in: folders.randomElement(using: &numbers) ?? [])
      switch Int.random(in: 0..<12, using: &numbers) {
      case 0, 1, 2: if call(path, { mkdir($0, 0o700) }) { folders.append(path) }
      case 3:
        let target = ["../out", "dangling\u{e9}", "/etc/passwd", "."].randomElement(using: &numbers) ?? ""
        _ = call(path) { symlink(target, $0) }
      case 4: if let file = files.randomElement(using: &numbers), link(file, path) { files.append(path) }
      case 5: if writeSparse(path) { files.append(path) }
      default: if write(path) { files.append(path) }
      }
    }
    settle()
  }

  /// Does to some of the files what may happen to files.
  mutating func change(_ count: Int) {
    for _ in 0..<count {
      guard let at = files.indices.randomElement(using: &numbers) else { break }
      switch Int.random(in: 0..<6, using: &numbers) {
      case 0:
        _ = call(files[at]) { unlink($0) }
        files.remove(at: at)
      case 1:
        let path = name(in: folders.randomElement(using: &numbers) ?? [])
        let isMoved = call(files[at]) { old in self.call(path) { rename(old, $0) } ? 0 : -1 }
        if isMoved { files[at] = path }
      case 2: _ = call(files[at]) { chmod($0, 0o640) }
      case 3:
        _ = call(files[at]) { unlink($0) }
        if call(files[at], { mkdir($0, 0o755) }) { folders.append(files[at]) }
        files.remove(at: at)
      default: _ = write(files[at])
      }
    }
    grow(count / 2)
  }

  /// Gives everything a mode and a time of its own.
  private mutating func settle() {
    for path in files + folders.reversed() {
      let isFolder = folders.contains(path)
      let mode: mode_t =
        isFolder
        ? [0o700, 0o755, 0o1777, 0o500].randomElement(using: &numbers) ?? 0
        : [0o600, 0o644, 0o755, 0o400].randomElement(using: &numbers) ?? 0
      if !isFolder || getuid() == 0 { _ = call(path) { chmod($0, mode) } }
      let seconds = Int.random(in: -1_000_000...2_000_000_000, using: &numbers)
      let time = timespec(tv_sec: seconds, tv_nsec: Int.random(in: 0..<1_000_000_000, using: &numbers))
      _ = call(path) { utimensat(AT_FDCWD, $0, [time, time], AT_SYMLINK_NOFOLLOW) }
    }
  }

  private mutating func name(in folder: Bytes) -> Bytes {
    let name: Bytes =
      switch Int.random(in: 0..<9, using: &numbers) {
      case 0: Array("a b\nc".utf8)
      case 1: [0xff, 0xfe, UInt8.random(in: 1..<0x2f, using: &numbers)]
      case 2: Array("u\u{308}".utf8)
      case 3: Array(repeating: 0x78, count: Int.random(in: 100...255, using: &numbers))
      case 4: [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80]
      case 5: Array("\\#= 'ü".utf8)
      default: Array("n\(Int.random(in: 0..<60, using: &numbers))".utf8)
      }
    return folder.isEmpty ? name : folder + [.slash] + name
  }

  private mutating func write(_ path: Bytes) -> Bool {
    let size = [0, 1, 5, 511, 512, 4096, 70_000, 1 << 20, (1 << 20) + 1].randomElement(using: &numbers) ?? 0
    var content = Bytes(repeating: UInt8.random(in: 0...255, using: &numbers), count: size)
    for _ in 0..<10 where size > 0 { content[Int.random(in: 0..<size, using: &numbers)] = 1 }
    return call(path) { path in
      let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o600)
      defer { close(file) }
      return content.withUnsafeBytes { Glibc.write(file, $0.baseAddress ?? UnsafeRawPointer(path), $0.count) } == size
        ? 0 : -1
    }
  }

  private mutating func writeSparse(_ path: Bytes) -> Bool {
    let (size, at) = (Int.random(in: 1 << 20...1 << 23, using: &numbers), Int.random(in: 0..<1 << 23, using: &numbers))
    return call(path) { path in
      let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
      defer { close(file) }
      guard file >= 0, ftruncate(file, size) == 0 else { return -1 }
      // Some have data, some are one hole.
      return at < size && at % 3 > 0 ? pwrite(file, "data", 4, at) == 4 ? 0 : -1 : 0
    }
  }

  private func link(_ file: Bytes, _ path: Bytes) -> Bool {
    call(file) { old in self.call(path) { Glibc.link(old, $0) } ? 0 : -1 }
  }

  private func call(_ path: Bytes, _ body: (UnsafePointer<CChar>) -> Int32) -> Bool {
    (Array(top.utf8) + [.slash] + path).withCPath(body) == 0
  }
}
