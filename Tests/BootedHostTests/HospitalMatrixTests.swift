import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

extension BootedHostTests {
  /// The Matrix server of a hospital. Its programs stand in for the real ones, and read what these read.
  @Suite("messages of hospitals")
  struct HospitalMatrixTests {
    init() throws { try BootedHost.require() }

    private static let (image, synapse, element) = (
      "localhost/berth-test/eqmd:stable", "localhost/berth-test/synapse:1", "localhost/berth-test/element:1"
    )

    /// Refuses a configuration as Synapse does: a key that is none, a database that it cannot enter, a folder that is not its own.
    private static let server = #"""
      import base64, http.server, psycopg, re, sys
      assert sys.argv[1:3] == ["run", "--config-path"], sys.argv
      text = open(sys.argv[3]).read()
      def value(key): return re.search(key + r': "([^"]*)"', text).group(1)
      kind, version, seed = value("signing_key").split(" ")
      assert kind == "ed25519" and len(base64.b64decode(seed + "=")) == 32, seed
      entry = re.search(r'user: (\w+), password: "([^"]*)", database: (\w+), host: ([\w-]+)', text)
      psycopg.connect(user=entry[1], password=entry[2], dbname=entry[3], host=entry[4]).close()
      open("/data/name", "w").write(value("server_name"))
      class Door(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
          self.send_response(200 if self.path == "/health" else 404)
          self.end_headers()
          self.wfile.write(b"OK")
      http.server.HTTPServer(("0.0.0.0", 8008), Door).serve_forever()
      """#

    private func build(_ reference: String, _ entry: [String]) async throws {
      let folder = "/var/tmp/berth-image-\(UUID().uuidString.prefix(8))"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let words = String(decoding: try JSONEncoder().encode(entry), as: UTF8.self)
      try "FROM berth-test/hospital\nENTRYPOINT \(words)\n"
        .write(toFile: "\(folder)/Dockerfile", atomically: true, encoding: .utf8)
      try await BootedHost.run("env", "DOCKER_BUILDKIT=0", "docker", "build", "--quiet", "--tag", reference, folder)
    }

    private func rows(_ statement: String) async throws -> String {
      try await BootedHost.output(
        "docker", "exec", "eqmd_north_matrix-postgres", "psql", "-U", "matrix", "-d", "matrix", "-tAc", statement)
    }

    @Test(
      "a setting adds server, database and page to a hospital, which go into its backup and back, and takes them away")
    func messages() async throws {
      try await Hospitals.withDocker {
        try await Hospitals.load("postgres", as: Hospitals.postgres)
        try await Hospitals.load("django-1", as: Self.image)
        try await build(Self.synapse, ["/usr/bin/python3", "-c", Self.server])
        try await build(Self.element, ["/usr/bin/python3", "-m", "http.server", "80", "--directory", "/app"])
        _ = try await Hospitals.install("North", image: Self.image)
        func set(_ pairs: String...) async throws {
          let run = try await Person.root.berth(["config", "set", "eqmd", "--instance", "North"] + pairs)
          #expect(run.status == 0, "\(run.errors)")
        }
        try await set("matrix=true", "matrix-image=\(Self.synapse)", "element-image=\(Self.element)")
        let status = try await Person.root.berth("status", "eqmd", "--instance", "North", "--json").json()
        #expect(status["status"].text == "running" && status["services"].list.count == 5)
        #expect(try await Containers.answer(Hospitals.port(status, "matrix"), "/health") == "OK")
        let page = try await Containers.answer(Hospitals.port(status, "chat"), "/config.json")
        #expect(page?.contains("https://matrix.north.example") == true, "\(page ?? "nothing")")
        _ = try await rows("create table said (text text); insert into said values ('Ana is well')")
        let backup = try await Person.root.berth("backup", "eqmd", "--instance", "North")
        #expect(backup.status == 0, "\(backup.errors)")
        _ = try await rows("delete from said")
        let restore = try await Person.root.berth(
          "restore", "eqmd", "--instance", "North", "--set", "matrix-database", "--set", "matrix-data", "--yes")
        #expect(restore.status == 0, "\(restore.errors)")
        #expect(try await rows("select text from said") == "Ana is well")
        try await set("matrix=false")
        let left = try await BootedHost.output("docker", "ps", "--all", "--format", "{{.Names}}")
        #expect(Set(left.split(separator: "\n")) == ["eqmd_north_eqmd", "eqmd_north_postgres"])
        #expect(try await Person.root.berth("remove", "eqmd", "--all", "--yes").status == 0)
      }
    }
  }
}
