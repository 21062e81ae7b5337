import BerthKit
import Testing

@testable import BerthEngine
@testable import BerthPlanning

@Suite("Public projects of Docker Compose, read as instances")
struct PublicProjectTests {
  private func reading(_ project: PublicProject, _ foreign: ForeignProject? = nil) throws -> ProjectReading {
    var reading = try ProjectReading(foreign ?? project.project, as: project.manifest(), given: project.given)
    reading.judge(ProjectGround(real: { $0 }, content: { _ in .folder(["a"]) }, size: { _ in 12288 }), leaving: [])
    return reading
  }

  @Test("settings, folders, ports and all that will be otherwise", arguments: PublicProject.all)
  func reads(_ project: PublicProject) throws {
    let reading = try reading(project)
    #expect(reading.problems == [])
    #expect(reading.settings == project.settings)
    #expect(reading.ports == project.ports)
    let volumes = reading.volumes.map { ($0.place, $0.origin ?? $0.path) }
    #expect(Dictionary(volumes, uniquingKeysWith: { first, _ in first }) == project.volumes)
    #expect(volumes.count == project.volumes.count)
    #expect(Set(reading.notices) == project.notices)
  }

  @Test("the numbers of its files are those that a variable of the plugin's stands for")
  func numbers() throws {
    #expect(try reading(.paperless).numbers == FileNumbers(user: 1000, group: 100))
    #expect(try reading(.mealie).numbers == FileNumbers(user: 1000, group: 1000))
    // No program of the plugin's is the instance's user.
    #expect(try reading(.nextcloud).numbers == nil)
  }

  @Test("an error says all reasons at once, and the options that mend them")
  func reasons() throws {
    var foreign = PublicProject.paperless.project
    foreign.containers.removeAll { $0.service == "broker" }
    foreign.containers[3].mounts.removeAll { $0.target == "/usr/src/paperless/media" }
    foreign.containers[3].mounts.append(PublicProject.folder("/srv/logs", "/logs"))
    let reading = try reading(.paperless, foreign)
    let error = try #require(throws: BerthError.self) { try reading.requireFine() }
    #expect(error.code == "not-adoptable" && error.cause?.split(separator: "\n").count == 5)
    for word in ["'broker'", "--pair broker=SERVICE", "'/usr/src/paperless/media'", "'/srv/logs' (12K) at '/logs'"] {
      #expect(error.cause?.contains(word) == true, "\(error)")
    }
    // Those that options mend are mended together.
    foreign.containers[3].mounts.append(PublicProject.folder("/srv/more", "/more"))
    foreign.containers.append(PublicProject.paperless.project.containers[0])
    let left = try #require(throws: BerthError.self) { try self.reading(.paperless, foreign).requireFine() }
    #expect(left.remedy?.text == "add --leave /usr/src/paperless/media --leave /logs --leave /more")
  }
}
