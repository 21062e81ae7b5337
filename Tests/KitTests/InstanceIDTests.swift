import BerthKit
import Foundation
import Testing

@Suite("Instance ids") struct InstanceIDTests {
  @Test(
    "'default' and a lowercase UUID are ids",
    arguments: ["default", "6f9619ff-8b86-4011-b42d-00c04fc964ff", "00000000-0000-0000-0000-000000000000"])
  func accepted(_ text: String) throws {
    let id = try InstanceID(text)
    #expect(id.text == text)
    #expect("\(id)" == text)
  }

  @Test(
    "nothing else is an id, since it becomes part of unit names and paths",
    arguments: [
      "", "Default", "default ", " default", "defaults", "kids", "1", "..", "../default", "default/..", "%i",
      "6F9619FF-8B86-4011-B42D-00C04FC964FF", "6f9619ff8b864011b42d00c04fc964ff", "6f9619ff",
      "6f9619ff-8b86-4011-b42d-00c04fc964f", "6f9619ff-8b86-4011-b42d-00c04fc964fff",
      "6f9619ff-8b86-4011-b42d-00c04fc964fg", "6f9619ff-8b86-4011-b42d000c04fc964ff-",
      "------------------------------------",
      "6f9619ff-8b86-4011-b42d-00c04fc964ff\n", "\06f9619ff-8b86-4011-b42d-00c04fc964ff",
      "６f9619ff-8b86-4011-b42d-00c04fc964ff", "6f9619ff-8b86-4011-b42d-00c04fc964fé",
      "{6f9619ff-8b86-4011-b42d-00c04fc964ff}",
    ])
  func refused(_ text: String) throws {
    let error = try #require(throws: BerthError.self) { _ = try InstanceID(text) }
    #expect(error.code == "bad-instance-id")
    #expect(error.kind == .usage)
    #expect(!error.summary.hasControlCharacter)
    #expect(error.remedy != nil)
  }

  @Test("JSON holds the plain text, and a wrong id in JSON is refused")
  func json() throws {
    let ids = [InstanceID.default, try InstanceID("6f9619ff-8b86-4011-b42d-00c04fc964ff")]
    let data = try JSONEncoder().encode(ids)
    #expect(String(decoding: data, as: UTF8.self) == #"["default","6f9619ff-8b86-4011-b42d-00c04fc964ff"]"#)
    #expect(try JSONDecoder().decode([InstanceID].self, from: data) == ids)
    #expect(throws: BerthError.self) { try JSONDecoder().decode([InstanceID].self, from: Data(#"["../x"]"#.utf8)) }
  }

  @Test("'default' sorts before the UUIDs, and instances sort by app first")
  func order() throws {
    let low = try InstanceID("00000000-0000-0000-0000-000000000000")
    let high = try InstanceID("ffffffff-ffff-ffff-ffff-ffffffffffff")
    #expect([high, .default, low].sorted() == [.default, low, high])
    let keys = [
      InstanceKey(app: "b", id: .default), InstanceKey(app: "a", id: high), InstanceKey(app: "a", id: .default),
    ]
    #expect(keys.sorted().map(\.description) == ["a/default", "a/\(high)", "b/default"])
  }
}
