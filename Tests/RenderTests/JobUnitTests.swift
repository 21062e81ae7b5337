import BerthKit
import BerthRender
import Testing

@Suite("Units of jobs, and parts that depend on settings") struct JobUnitTests {
  /// An app whose second service, with one job of its own, is there only where it is asked for.
  private var manifest: Manifest {
    var manifest = sampleManifest(
      settings: [Setting("web", .bool, default: "false"), Setting("size", .size, default: "1G")],
      ports: [
        PortRole("game", [.udp], default: 4000), PortRole("site", [.tcp], default: 4080, service: "web"),
      ],
      config: [
        ConfigFile("all.conf", .words, values: [.init("a", "1")]),
        ConfigFile("web.conf", .words, values: [.init("a", "1")], service: "web"),
      ])
    manifest.services[0].stop.first = Action(exec: ["/usr/bin/flush", "{{ports.game}}", "100%"], timeout: 40)
    manifest.services[0].limits = .init(memory: "{{settings.size}}", tasks: 9, cpus: 1.5)
    manifest.services[0].loosen = [.init("PrivateIPC", "it shares memory")]
    manifest.services[0].ready = [ReadyProbe(.udp, "game")]
    manifest.services.append(
      Service(
        "web", exec: ["/usr/bin/web", "{{ports.site}}"], dependsOn: ["main"], when: Condition([.init("web", ["true"])]))
    )
    manifest.jobs = [
      Job("setup", at: [.install], action: Action(exec: ["/usr/bin/setup", "{{settings.size}}"], timeout: 71)),
      Job("tidy", calendar: "daily", action: Action(exec: ["/usr/bin/tidy"], timeout: 600)),
      Job(
        "count", calendar: "hourly", service: "web",
        action: Action(exec: ["/usr/bin/count", "{{host.name}}"], timeout: 5)
      ),
    ]
    return manifest
  }

  private func template(_ name: String) throws -> [String] {
    try ManifestValidator(manifest).validate()
    let files = try UnitRenderer(manifest: manifest, context: Stage.system.context(manifest)).templates()
    let file = try #require(files.first { $0.path == "/etc/systemd/system/\(name)" }, "\(files.map(\.path))")
    return file.text.split(separator: "\n").map(String.init)
  }

  private func dropIns(
    web: Bool, stage: Stage = .system, limits: Service.Limits = .init(), of other: Manifest? = nil
  ) throws -> [String: String] {
    let manifest = other ?? manifest
    let values: [String: Value] = ["web": .boolean(web), "size": .text("2G")]
    let plain = try instance(manifest, settings: values, stage: stage)
    let instance = InstanceValues(
      key: plain.key, uid: plain.uid, name: plain.name, slug: plain.slug, user: plain.user, settings: values,
      ports: [:], limits: limits
    )
    let files = try UnitRenderer(manifest: manifest, context: stage.context(manifest))
      .dropIns(for: instance, variables: variables(manifest, settings: values, stage: stage))
    let folder = stage.paths.units + "/"
    return Dictionary(
      uniqueKeysWithValues: files.map { file in
        let lines = file.text.split(separator: "\n").dropFirst().joined(separator: "\n")
        return (String(file.path.dropFirst(folder.count).dropLast(".d/berth.conf".count)), lines)
      })
  }

  @Test("a job is shut in as its service is, with the same environment, folder and limits, and ends")
  func job() throws {
    let service = try template("sample@.service")
    let job = try template("sample-setup@.service")
    #expect(
      Set(job).subtracting(service) == [
        "Description=Sample (job setup), instance %i", "Type=oneshot",
        "ExecStart=\"/usr/bin/setup\" \"${BERTH_SETTINGS_SIZE}\"", "TimeoutStartSec=71", "TimeoutStopSec=10",
      ])
    #expect(
      Set(service).subtracting(job)
        == [
          "Description=Sample (main), instance %i", "Wants=network-online.target", "After=network-online.target",
          "After=berth-recover.service", "StartLimitIntervalSec=5min", "StartLimitBurst=5", "Type=exec",
          "ExecStart=\"/usr/bin/sample\"",
          "ExecStartPre=+\"/usr/bin/berth\" \"probe\" \"free\" \"udp/${BERTH_PORTS_GAME}\"",
          "ExecStartPre=\"/usr/bin/berth\" \"probe\" \"readable\" \"--app\" \"sample\" \"--scope\" \"system\" "
            + "\"--instance\" \"%i\" \"${BERTH_PATHS_CONFIG}/all.conf\"",
          "ExecStartPost=+\"/usr/bin/berth\" probe udp ${BERTH_PORTS_GAME} --timeout 60",
          "ExecStop=-\"/usr/bin/flush\" \"${BERTH_PORTS_GAME}\" \"100%%\"",
          "ExecStop=-\"/usr/bin/berth\" \"await-end\" \"--timeout\" \"30\" \"--signal\" \"SIGTERM\"",
          "TimeoutStartSec=70", "KillSignal=SIGTERM",
          "SuccessExitStatus=SIGTERM", "TimeoutStopSec=75", "Restart=on-failure", "RestartSec=2s",
          "BindReadOnlyPaths=/usr/bin/berth", "[Install]", "Also=sample@%i.target",
        ])
    #expect(job.contains("EnvironmentFile=/var/lib/berth/instances/sample/%i/env"))
    #expect(job.contains("TasksMax=9") && job.contains("CPUQuota=150%"))
    #expect(job.contains("# PrivateIPC is loosened: it shares memory"))
  }

  @Test("a job on a calendar waits for its service, and has a timer that stops with the app")
  func timer() throws {
    #expect(try template("sample-tidy@.service").contains("After=sample@%i.service"))
    #expect(try template("sample-count@.service").contains("After=sample-web@%i.service"))
    #expect(try !template("sample-setup@.service").contains { $0.hasPrefix("After=") || $0.hasPrefix("Requires=") })
    let timer = try template("sample-tidy@.timer")
    #expect(timer.contains("OnCalendar=daily") && timer.contains("Persistent=yes"))
    #expect(timer.contains("PartOf=sample@%i.target"))
    let files = try UnitRenderer(manifest: manifest, context: Stage.system.context(manifest)).templates()
    let timers = files.map(\.path).filter { $0.hasSuffix(".timer") }
    #expect(timers == ["tidy", "count"].map { "/etc/systemd/system/sample-\($0)@.timer" })
  }

  @Test("a job with moments and a calendar is ordered behind nothing")
  func both() throws {
    var manifest = manifest
    manifest.jobs[1].moments = [.update]
    let files = try UnitRenderer(manifest: manifest, context: Stage.system.context(manifest)).templates()
    let job = try #require(files.first { $0.path.hasSuffix("sample-tidy@.service") })
    #expect(!job.text.contains("After="))
    #expect(files.contains { $0.path.hasSuffix("sample-tidy@.timer") })
  }

  @Test("a service that depends on another requires it and comes after it")
  func dependsOn() throws {
    let lines = try template("sample-web@.service")
    #expect(lines.contains("Requires=sample@%i.service") && lines.contains("After=sample@%i.service"))
  }

  @Test("a stop has time for what comes first and for the grace")
  func stopTime() throws { #expect(try template("sample@.service").contains("TimeoutStopSec=75")) }

  @Test("the target wants what every instance has, and an instance's drop-in what it has besides")
  func target() throws {
    #expect(try template("sample@.target").contains("Wants=sample@%i.service sample-tidy@%i.timer"))
    #expect(
      try dropIns(web: true)["sample@default.target"]
        == "[Unit]\nWants=sample-web@default.service sample-count@default.timer")
    #expect(try dropIns(web: false)["sample@default.target"] == nil)
  }

  @Test("every unit of an instance has its user, and those that it lacks have no drop-in")
  func users() throws {
    let user = "User=berth-0123456789ab\nGroup=berth-0123456789ab"
    let main = "[Service]\n\(user)\nMemoryMax=2G"
    let off = try dropIns(web: false)
    let always = [
      "sample@default.service": main, "sample-setup@default.service": main, "sample-tidy@default.service": main,
    ]
    #expect(off == always)
    let web = "[Service]\n\(user)"
    let more = [
      "sample-web@default.service": web, "sample-count@default.service": web,
      "sample@default.target": "[Unit]\nWants=sample-web@default.service sample-count@default.timer",
    ]
    #expect(try dropIns(web: true) == always.merging(more) { $1 })
  }

  @Test("arguments that only some instances have are in their drop-ins, and in the service's own unit alone")
  func conditionalArguments() throws {
    var manifest = manifest
    manifest.services[0].arguments += [
      Service.Argument(["--site", "{{settings.size}} $x"], when: Condition([.init("web", ["true"])]))
    ]
    let unit = try UnitRenderer(manifest: manifest, context: Stage.system.context(manifest)).templates()[0].text
    let plain = try #require(unit.split(separator: "\n").first { $0.hasPrefix("ExecStart=") })
    #expect(!plain.contains("--site"))
    let own = "\nExecStart=\n\(plain) \"--site\" \"${BERTH_SETTINGS_SIZE} $$x\""
    let units = try dropIns(web: true, of: manifest)
    #expect(units["sample@default.service"]?.hasSuffix(own) == true, "\(units)")
    #expect(units.filter { $0.value.contains("ExecStart") }.count == 1)
    #expect(try dropIns(web: false, of: manifest).allSatisfy { !$0.value.contains("ExecStart") })
  }

  @Test("limits of an instance stand before those of its services, in all of its units")
  func limits() throws {
    let own = Service.Limits(memory: "3G", tasks: 5, cpus: 0.25)
    let units = try dropIns(web: true, stage: .user, limits: own)
    let lines = "[Service]\nMemoryMax=3G\nTasksMax=5\nCPUQuota=25%"
    #expect(units.filter { $0.key.hasSuffix(".service") }.values.allSatisfy { $0 == lines })
    #expect(units.count == 6)
    #expect(
      try dropIns(web: false, stage: .user, limits: .init(tasks: 7))["sample@default.service"]
        == "[Service]\nMemoryMax=2G\nTasksMax=7")
  }

  @Test("environment and config files are those of the services that an instance has")
  func files() throws {
    for isOn in [false, true] {
      let variables = try variables(
        manifest, settings: ["web": .boolean(isOn), "size": .text("2G")],
        ports: isOn ? ["game": 7, "site": 8] : ["game": 7])
      let environment = try EnvironmentRenderer(manifest: manifest, context: Stage.system.context(manifest))
        .files(for: InstanceKey(app: "sample", id: .default), variables: variables)
      #expect(environment.map(\.service) == (isOn ? ["main", "web"] : ["main"]))
      // The arguments of the service, of what comes before its start and stop, of its probe and of its jobs.
      #expect(
        try SystemdReader.environment(try #require(environment.first).text)
          == [
            "BERTH_PATHS_CONFIG": "/var/lib/berth/instances/sample/default/config", "BERTH_PORTS_GAME": "7",
            "BERTH_SETTINGS_SIZE": "2G",
            "HOME": "/var/lib/berth/instances/sample/default/data",
          ])
      if isOn { #expect(environment[1].text.contains("BERTH_HOST_NAME") && environment[1].text.contains("SITE=\"8\"")) }
      let config = try ConfigRenderer(plugin: DeclarativePlugin(manifest: manifest)).files(variables: variables)
      #expect(config.map(\.service) == (isOn ? [nil, "web"] : [nil]))
    }
  }

  @Test("processor time is a percentage", arguments: [(1.5, "150%"), (0.01, "1%"), (0.333, "33%"), (64, "6400%")])
  func cpus(_ cpus: Double, _ quota: String) throws {
    var manifest = manifest
    manifest.services[0].limits.cpus = cpus
    let unit = try #require(
      try UnitRenderer(manifest: manifest, context: Stage.system.context(manifest)).templates().first)
    #expect(unit.text.contains("\nCPUQuota=\(quota)\n"))
  }
}
