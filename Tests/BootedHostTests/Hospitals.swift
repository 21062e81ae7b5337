import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

/// Hospitals on Docker: the images, what they say, and what they leave.
enum Hospitals {
  static let postgres = "localhost/berth-test/postgres:17"

  /// Runs a test with Docker, and without it afterwards: its rules for forwarding would cut other hosts off Podman's ports.
  static func withDocker(_ body: () async throws -> Void) async throws {
    // The manager starts it a few times a minute at most, and each of these tests does.
    _ = try await SubprocessRunner().run(Command("systemctl", ["reset-failed", "docker.service", "docker.socket"]))
    try await BootedHost.run("systemctl", "start", "docker")
    let calendars = try postponeJobs()
    let result: Result<Void, any Error>
    do { result = .success(try await body()) } catch { result = .failure(error) }
    if case .failure = result {
      // A test that failed must not leave its instances to the next one.
      _ = try await Person.root.berth("remove", "eqmd", "--all", "--yes")
    }
    for folder in calendars { try? FileManager.default.removeItem(atPath: folder) }
    _ = try await SubprocessRunner().run(Command("systemctl", ["stop", "docker.service", "docker.socket"]))
    _ = try await SubprocessRunner().run(Command("iptables", ["--policy", "FORWARD", "ACCEPT"]))
    try result.get()
  }

  /// Puts off what is on a calendar: some of it comes every few minutes, in the midst of a test that looks at what there is.
  ///
  /// - Returns: the folders to remove afterwards.
  private static func postponeJobs() throws -> [String] {
    try ["stats", "wards", "expire", "notify", "report"].map { job in
      let folder = "/run/systemd/system/eqmd-\(job)@.timer.d"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try "[Timer]\nOnCalendar=\nOnCalendar=2199-01-01\n"
        .write(toFile: "\(folder)/postponed.conf", atomically: true, encoding: .utf8)
      return folder
    }
  }

  static func load(_ image: String, as reference: String) async throws {
    try await BootedHost.run("load-image", "docker", image, reference)
  }

  /// The words that every hospital is installed with.
  static func words(
    _ name: String, image: String, postgres: String = Hospitals.postgres, _ more: [String] = []
  ) -> [String] {
    [
      "install", "eqmd", "--instance-name", name, "--set", "domain=\(name.lowercased()).example", "--set",
      "image=\(image)", "--set", "postgres-image=\(postgres)", "--json",
    ] + more
  }

  static func install(_ name: String, image: String, _ more: String...) async throws -> JSON {
    let run = try await Person.root.berth(words(name, image: image, more))
    try #require(run.status == 0, "\(run.errors)")
    return try run.json()
  }

  /// What a page says; nil for anything but success.
  static func page(_ hospital: JSON, _ path: String) async throws -> String? {
    try await Containers.answer(port(hospital), path)
  }

  static func port(_ hospital: JSON, _ role: String = "http") throws -> Int {
    try #require(hospital["ports"].list.first { $0["role"].text == role }?["port"].integer)
  }

  static func admit(_ patient: String, to hospital: JSON) async throws {
    try await admit(patient, toPort: port(hospital))
  }

  static func admit(_ patient: String, toPort port: Int) async throws {
    let address = "http://127.0.0.1:\(port)/patients/"
    try await BootedHost.run("curl", "--silent", "--fail", "--data-urlencode", "name=\(patient)", address)
  }

  /// Stores a picture and gives its address.
  static func upload(_ text: String, to hospital: JSON) async throws -> String {
    try await upload(text, toPort: port(hospital))
  }

  static func upload(_ text: String, toPort port: Int) async throws -> String {
    let file = "/var/tmp/berth-upload-\(UUID().uuidString.prefix(8)).txt"
    try text.write(toFile: file, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: file) }
    return try await BootedHost.output(
      "curl", "--silent", "--fail", "--form", "file=@\(file)", "http://127.0.0.1:\(port)/upload/")
  }

  /// Everything that Docker has but images and its own networks, and the static folders.
  static func left() async throws -> [String] {
    let containers = try await BootedHost.output("docker", "ps", "--all", "--format", "{{.Names}}")
    let networks = try await BootedHost.output(
      "docker", "network", "ls", "--filter", "type=custom", "--format", "{{.Name}}")
    let volumes = try await BootedHost.output("docker", "volume", "ls", "--format", "{{.Name}}")
    let folders = (try? FileManager.default.contentsOfDirectory(atPath: "/var/www")) ?? []
    return (containers + "\n" + networks + "\n" + volumes).split(separator: "\n").map(String.init).sorted()
      + folders.filter { $0.contains("_static_") || $0.hasPrefix(".berth") }.sorted()
  }

  static func removeAll() async throws {
    let run = try await Person.root.berth("remove", "eqmd", "--all", "--yes")
    #expect(run.status == 0, "\(run.errors)")
    #expect(try await left() == [])
  }
}
