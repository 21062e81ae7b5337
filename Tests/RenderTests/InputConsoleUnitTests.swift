import BerthKit
import BerthRender
import Testing

@Suite("Units of a server whose console is its standard input") struct InputConsoleUnitTests {
  private var manifest: Manifest {
    var manifest = sampleManifest(settings: [Setting("motto", .string, default: "50% off")])
    manifest.console = Console(.stdin, announce: "say {{message}}")
    manifest.services[0].stop.first = Action(console: "exit {{settings.motto}}", timeout: 7)
    manifest.services[0].stop.firstEnds = true
    manifest.services.append(Service("side", exec: ["/usr/bin/side"]))
    manifest.backup = [
      BackupSet(
        "world", .files(paths: ["{{paths.data}}"], exclude: [], isHot: true),
        before: [Action(console: "save", timeout: 9)])
    ]
    return manifest
  }

  private func templates(_ stage: Stage) throws -> [String: String] {
    try ManifestValidator(manifest).validate()
    let files = try UnitRenderer(manifest: manifest, context: stage.context(manifest)).templates()
    return Dictionary(
      uniqueKeysWithValues: files.map { (String($0.path.dropFirst(stage.paths.units.count + 1)), $0.text) })
  }

  @Test("the first service reads a pipe that its socket makes, which ends with it", arguments: Stage.allCases)
  func socket(_ stage: Stage) throws {
    let units = try templates(stage)
    let pipe = "\(stage.paths.instance("sample", "%i"))/stdin"
    let socket = try #require(units["sample@.socket"])
    #expect(
      socket.hasSuffix(
        """
        [Unit]
        Description=Sample (console), instance %i
        PartOf=sample@%i.service
        StartLimitIntervalSec=0

        [Socket]
        ListenFIFO=\(pipe)
        SocketMode=0600
        RemoveOnStop=yes

        """), "\(socket)")
    let service = try #require(units["sample@.service"])
    for line in [
      "Sockets=sample@%i.socket", "StandardInput=socket", "StandardOutput=journal", "StandardError=journal",
    ] {
      #expect(service.contains("\n\(line)\n"))
    }
    #expect(units["sample-side@.service"]?.contains("Standard") == false)
  }

  @Test("the pipe is the instance's user's, where it has one")
  func owner() throws {
    let plain = try instance(manifest, settings: ["motto": .text("x")])
    let files = try UnitRenderer(manifest: manifest, context: Stage.system.context(manifest))
      .dropIns(for: plain, variables: variables(manifest, settings: ["motto": .text("x")]))
    let drop = files.first { $0.path.hasSuffix("/sample@\(plain.key.id).socket.d/berth.conf") }
    let user = try #require(plain.user)
    #expect(drop?.text.hasSuffix("\n[Socket]\nSocketUser=\(user)\nSocketGroup=\(user)\n") == true, "\(files)")
  }

  @Test("what is told to it is written with the service's own rights, which see the pipe", arguments: Stage.allCases)
  func actions(_ stage: Stage) throws {
    let units = try templates(stage)
    let berth = stage.context(manifest).berth
    let pipe = "\(stage.paths.instance("sample", "%i"))/stdin"
    let service = try #require(units["sample@.service"])
    #expect(
      service.contains(
        #"ExecStop=-"\#(berth)" "speak" "stdin" "--timeout" "7" "--fifo" "\#(pipe)" "--" "exit ${BERTH_SETTINGS_MOTTO}""#
      ), "\(service)")
    // It ends the program, which is waited for before the signal.
    #expect(service.contains("\nExecStop=-\"\(berth)\" \"await-end\" \"--timeout\" \"30\"\nKillSignal="))
    let before = try #require(units["sample-world-before@.service"])
    #expect(before.contains(#"ExecStart="\#(berth)" "speak" "stdin" "--timeout" "9" "--fifo" "\#(pipe)" "--" "save""#))
    for unit in [service, before] { #expect(unit.contains("\nBindReadOnlyPaths=-\(pipe)\n")) }
    #expect(units["sample-side@.service"]?.contains("stdin") == false)
  }

  @Test("its environment has what the lines name, and no password")
  func environment() throws {
    let stage = Stage.system
    let files = try EnvironmentRenderer(manifest: manifest, context: stage.context(manifest)).files(
      for: InstanceKey(app: "sample", id: .default),
      variables: variables(manifest, settings: ["motto": .text("50% off")]))
    #expect(files[0].text.contains("\nBERTH_SETTINGS_MOTTO=\"50% off\"\n") && !files[0].text.contains("PASSWORD"))
  }

  @Test("a container, or no service at all, has no standard input to write to")
  func refused() {
    var manifest = manifest
    manifest.services[0] = Service("main", .container(Container(image: "registry.example/x:1")))
    #expect(throws: ManifestValidator.Problem.self) { try ManifestValidator(manifest).validate() }
  }
}
