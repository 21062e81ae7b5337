import BerthFiles
import BerthKit
import Foundation
import TestSupport
import Testing

@testable import BerthArchive

/// Archives that nobody would write. Whatever is in them, they are read or refused, and what is taken keeps to its bounds.
@Suite("Broken archives") struct ArchiveFuzzTests {
  private let harbour: Harbour

  init() throws { harbour = try Harbour() }

  @Test("what an archive says of itself is read or refused, and no number or word of it is out of its bounds")
  func heads() throws {
    var head = harbour.head("one")
    head.instance.limits = InstanceLimits(memory: "1G", cpus: 1.5, tasks: 64)
    head.instance.labels = ["place": "north"]
    head.instance.backup = BackupPolicy(schedule: "daily", keep: Retention(last: 3))
    head.instance.ports = [.init(role: "web", port: PortNumber(.tcp, 8080), address: "0.0.0.0")]
    head.owner = FileNumbers(user: 900, group: 901)
    let good = try HeadText.write(head)
    var mangler = Mangler(seed: 0x4EAD)
    let count = Fuzz.inputs(2_500)
    var read = 0
    for number in 0..<count {
      let bytes = mangler.mangled(good, signs: Array("\n:,{}[]\"/ ".utf8))
      let found: BackupHead
      do { found = try HeadText.read(bytes, archive: "x") } catch is BerthError { continue }
      read += 1
      let percent = InstanceLimits.percent(ofProcessors: found.instance.limits.cpus ?? 1)
      if !found.instance.limits.isPlain || !(1...1_000_000).contains(percent) || found.chain.count > 100
        || found.instance.ports.contains(where: { !(1...65535).contains($0.port.number) })
        || found.hostName.hasControlCharacter || (try? InstanceID(found.instance.uid)) == nil
      {
        Issue.record("\(number): \(String(decoding: bytes, as: UTF8.self))")
      }
    }
    #expect(read > count / 100, "\(read) of \(count) were read")
  }

  @Test("a list of files is read or refused, and nothing in it is outside the instance's folders")
  func lists() throws {
    var writer = FileListWriter(id: Harbour.id("one"), number: 1, head: FileDigest(of: Array("head".utf8)))
    var folder = FileEntry(path: Array("data".utf8), kind: .folder, mode: 0o700)
    writer.append(folder)
    folder.path = Array("data/world".utf8)
    writer.append(folder)
    writer.append(HostileArchive.entry("data/world/map", "map"))
    var link = FileEntry(path: Array("data/world/up".utf8), kind: .link, mode: 0o777)
    link.target = Array("../../config/main.conf".utf8)
    writer.append(link)
    var name = HostileArchive.entry("data/world/zz", "map")
    name.hardLink = Array("data/world/map".utf8)
    writer.append(name)
    let good = writer.finished().dropLast(65 + FileListWriter.checksum.count)
    var mangler = Mangler(seed: 0x71157)
    let count = Fuzz.inputs(8_000)
    var read = 0
    for number in 0..<count {
      // The checksum is right, as a stranger can compute it.
      var text = mangler.mangled(
        Array(good), signs: Array("\n =/.".utf8), ["link=../../x", "link=/etc", "hardlink=data"])
      let sum = FileDigest(of: text).hex
      text += FileListWriter.checksum + Array("\(sum)\n".utf8)
      guard let list = try? FileList(text) else { continue }
      read += 1
      var size: Int64 = 0
      for index in 0..<list.count {
        let entry = list.entry(index)
        size += entry.size
        let names = entry.path.split(separator: .slash)
        if names.contains(where: { $0.elementsEqual("..".utf8) }) || entry.path.first == .slash || size < 0
          || entry.archive > list.number || entry.mode > 0o7777
        {
          Issue.record("\(number): \(String(decoding: text, as: UTF8.self))")
        }
        guard entry.kind == .link, !StrangeLinks.leaves(entry.path, entry.target ?? []) else { continue }
        #expect(Self.isInside(entry), "\(number): \(String(decoding: text, as: UTF8.self))")
      }
    }
    #expect(read > count / 100, "\(read) of \(count) were read")
  }

  /// Whether a link leads into one of the folders, told by counting names.
  private static func isInside(_ link: FileEntry) -> Bool {
    let target = String(decoding: link.target ?? [], as: UTF8.self)
    guard !target.hasPrefix("/") else { return false }
    var place = String(decoding: link.path, as: UTF8.self).split(separator: "/").dropLast().map(String.init)
    for name in target.split(separator: "/").map(String.init) where name != "." {
      if name != ".." { place.append(name) } else if place.popLast() == nil { return false }
    }
    return place.first.map(ScopePaths.ownFolders.contains) ?? false
  }

  @Test("the members of an archive are checked or refused, and what is unpacked lies in its folder")
  func members() throws {
    var hostile = HostileArchive(harbour.head("one"))
    hostile.add(folder: "data/world")
    hostile.add(file: "data/world/map", "the map of the world")
    hostile.add(link: "data/world/up", to: "../world/map")
    let path = harbour.archive("one")
    // Without compression, so that a changed byte is one of the tar's.
    try hostile.write(to: path, filter: "none")
    let good = try Bytes(Data(contentsOf: URL(filePath: path)))
    var mangler = Mangler(seed: 0x7A2)
    let count = Fuzz.inputs(600)
    let target = "\(harbour.folder.path)/fuzzed"
    var order = harbour.unpackOrder("one", index: false, trust: .stranger(keepsOwners: false))
    order.target = target
    var read = 0
    for number in 0..<count {
      let bytes = mangled(good, &mangler)
      try Data(bytes).write(to: URL(filePath: path))
      do {
        _ = try harbour.verify("one", trust: .stranger(keepsOwners: false))
        read += 1
      } catch is BerthError {}
      guard number % 16 == 0 else { continue }
      do { _ = try harbour.archives.unpack(order) { _, _ in } } catch is BerthError { continue }
      let found = try FileManager.default.subpathsOfDirectory(atPath: target)
      #expect(found.allSatisfy { $0.hasPrefix("data") }, "\(number): \(found)")
      TreeRemoval.remove(target)
    }
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: harbour.folder.path).sorted() == ["backups", "instance"])
    #expect(read > 0)
  }

  /// The fields of headers are where a tar breaks; a header's sum is set right again, mostly.
  private func mangled(_ good: Bytes, _ mangler: inout Mangler) -> Bytes {
    var bytes = good
    for _ in 0..<(1 + mangler.below(3)) {
      guard bytes.count > 512 else { break }
      let block = mangler.below(bytes.count / 512) * 512
      switch mangler.below(6) {
      case 0: bytes[mangler.below(bytes.count)] = UInt8(truncatingIfNeeded: mangler.next())
      case 1: bytes.removeSubrange(block..<min(bytes.count, block + 512))
      case 2: bytes.insert(contentsOf: bytes[block..<min(bytes.count, block + 512)], at: block)
      case 3: if mangler.below(8) == 0 { bytes.removeSubrange(mangler.below(bytes.count)...) }
      default:
        // Name, mode, user, group, size, time, kind, target.
        let field = mangler.pick([(0, 100), (100, 8), (108, 8), (116, 8), (124, 12), (136, 12), (156, 1), (157, 100)])
        let word = Array(mangler.pick(Mangler.words + ["77777777777", "2", "3", "5", "S", "x", "g", "L"]).utf8)
        for (index, byte) in word.prefix(field.1).enumerated() where block + field.0 + index < bytes.count {
          bytes[block + field.0 + index] = byte
        }
      }
      guard block + 512 <= bytes.count, mangler.below(4) > 0 else { continue }
      let sum = (0..<512).reduce(0) { $0 + ((148..<156).contains($1) ? 32 : Int(bytes[block + $1])) }
      let digits = Array((String(sum, radix: 8) + "\0 ").utf8)
      for (index, byte) in digits.enumerated() { bytes[block + 148 + index] = byte }
    }
    return bytes
  }
}
