import BerthKit
import Testing

@testable import BerthEngine
@testable import BerthPlanning

@Suite("What a project's file says of its containers, held against the plugin's")
struct ProjectFactsTests {
  @Test(
    "what is the same in other words is no change, and a default is what Docker takes",
    arguments: [
      (.user, nil, "7:7", "its image's", "7:7"), (.user, "1001", "1001", nil, nil),
      (.hostname, "cloud", nil, "cloud", "not set"), (.hostname, nil, nil, nil, nil),
      (.sharedMemory, "67108864", nil, nil, nil), (.sharedMemory, "134217728", "128mb", nil, nil),
      (.sharedMemory, "134217728", nil, "128M", "64M"), (.sharedMemory, nil, "128m", "64M", "128M"),
      (.memory, nil, "2G", nil, nil), (.memory, "1048576000", "2G", "1000M", "2G"), (.memory, "0", "2G", nil, nil),
      (.processors, "1.5", "1.5", nil, nil), (.processors, "1.5", nil, "1.5", "not set"),
      (.dns, "9.9.9.9\n1.1.1.1", "1.1.1.1\n9.9.9.9", nil, nil), (.dns, "1.1.1.1", nil, "1.1.1.1", "not set"),
      (.ulimits, "nofile=1024:1024", "nofile=1024", nil, nil),
      (.ulimits, "nofile=1024:2048", nil, "nofile=1024:2048", "not set"),
      (.hosts, "a:10.0.0.1", "a=10.0.0.1", nil, nil), (.hosts, "a:::1", "a=::1", nil, nil),
      (.capabilities, "NET_ADMIN", "CAP_NET_ADMIN\nCAP_CHOWN", nil, nil), (.capabilities, nil, "CAP_CHOWN", nil, nil),
      (.capabilities, "NET_ADMIN\nSYS_TIME", "CAP_SYS_TIME", "NET_ADMIN, SYS_TIME", "SYS_TIME"),
      (.devices, "/dev/dri", "/dev/dri:/dev/dri:rw", nil, nil), (.devices, "/dev/dri", nil, "/dev/dri", "not set"),
      (.groups, "44", nil, "44", "not set"), (.sysctls, "net.x=1", "net.x=1", nil, nil),
      (.stopSignal, "15", "TERM", nil, nil), (.stopSignal, nil, "SIGTERM", nil, nil),
      (.stopSignal, nil, "SIGINT", "SIGTERM", "SIGINT"), (.stopGrace, nil, "30s", nil, nil),
      (.stopGrace, "300s", "30s", "300s", "30s"), (.initProcess, "false", nil, nil, nil),
      (.initProcess, "true", nil, "true", "not set"), (.privileged, "true", nil, "true", "not set"),
      (.command, "postgres -c x=1", "postgres -c 'x=1'", nil, nil),
      (.command, "postgres -c password=hunter2", "postgres", "one of its own", "postgres"),
      (.healthcheck, "CMD true", nil, "one of its own", "its image's"), (.networks, "default", nil, nil, nil),
      (.networks, "default\nback", "default", "back, default", "not set"),
      (.aliases, "db\nsql", "db\nstore", "db, sql", "db"), (.aliases, nil, "store", nil, nil),
      (.address, "10.0.0.9", nil, "10.0.0.9", "not set"),
    ] as [(ContainerFact, String?, String?, String?, String?)])
  func facts(_ fact: ContainerFact, _ was: String?, _ said: String?, _ before: String?, _ after: String?) throws {
    var reading = try ProjectReading(WardPlugin.project, as: WardPlugin().manifest)
    let known = reading.notices
    reading.tell(
      ProjectReading.FormerFact(fact: fact, service: "web", value: was, now: nil), becomes: said, isSecret: false)
    let expected = before.map { ["\(fact.rawValue) of its service 'web' was \($0), and is \(after ?? "")"] } ?? []
    #expect(Array(reading.notices.dropFirst(known.count)) == expected)
  }

  @Test(
    "a value that the image sets is the image's, also where the project repeats it",
    arguments: [
      ("postgres", "postgres", nil), ("postgres", nil, nil), (nil, "'postgres'", nil),
      ("postgres -c x=1", nil, ("postgres -c x=1", nil)), ("postgres", "run", (nil, "run")),
    ] as [(String?, String?, (String?, String?)?)])
  func images(_ was: String?, _ said: String?, _ expected: (String?, String?)?) {
    let change = ContainerFact.command.change(from: was, to: said, image: "postgres")
    #expect((change == nil) == (expected == nil))
    #expect(change?.before == expected?.0 && change?.after == expected?.1)
  }

  @Test("every word of the plugin's file is read, with its settings; what holds a secret is not shown")
  func reads() throws {
    let manifest = try PublicProject(
      id: "words",
      plugin: """
        settings: { size: { type: string, default: 96m }, key: { type: secret } }
        services:
          web:
            compose: compose.yaml
            env: { SIZE: "{{settings.size}}", KEY: "{{settings.key}}" }
            stop: { signal: SIGINT, grace: 40s }
            capabilities: { CAP_CHOWN: why not }
            loosen: { sysctls: why not, group_add: why not, devices: why not }
          other: { compose: compose.yaml }
        """,
      compose: """
        services:
          other: { image: "registry.example/web:1" }
          web:
            image: registry.example/web:1
            user: "7:7"
            command: run --key ${KEY}
            entrypoint: [/bin/sh, -c]
            working_dir: /srv
            hostname: page
            domainname: example
            shm_size: ${SIZE}
            dns: 9.9.9.9
            dns_search: [a.example, b.example]
            extra_hosts: { a: 10.0.0.1 }
            ulimits: { nofile: { soft: 1, hard: 2 }, nproc: 3 }
            sysctls: { net.x: 1 }
            group_add: [44]
            devices: ["/dev/dri:/dev/dri"]
            init: true
            healthcheck: { test: curl -f http://127.0.0.1, interval: 5s }
            networks: { default: , back: { aliases: [page2] } }
        networks: { back: }
        """,
      project: WardPlugin.project, settings: [:], volumes: [:], ports: [:], notices: []
    ).manifest()
    let project = ForeignProject(
      name: "old",
      containers: [
        PublicProject.container(
          "web", "registry.example/web:1",
          facts: [
            .user: "7:7", .command: "run --key x", .entrypoint: "/bin/sh -c", .workingFolder: "/srv",
            .hostname: "page", .domainname: "example", .sharedMemory: "100663296", .dns: "9.9.9.9",
            .dnsSearch: "a.example\nb.example", .hosts: "a:10.0.0.1", .ulimits: "nproc=3:3\nnofile=1:2",
            .sysctls: "net.x=1", .groups: "44", .devices: "/dev/dri", .initProcess: "true",
            .healthcheck: "CMD-SHELL curl -f http://127.0.0.1", .networks: "back\ndefault", .aliases: "page2",
            .capabilities: "CHOWN", .stopSignal: "SIGINT", .stopGrace: "40s",
          ]),
        PublicProject.container("other", "registry.example/web:1"),
      ])
    var reading = try ProjectReading(project, as: manifest)
    #expect(reading.notices == ["by their names go on: web, other"])
    var variables = Variables()
    variables.set("settings.key", to: .text("sesame"), isSecret: true)
    variables.set("settings.size", to: .text("96m"))
    try reading.tell(variables, user: nil)
    #expect(
      Set(reading.notices.dropFirst()) == [
        "KEY was not set, and becomes the instance's secret", "SIZE was not set, and becomes 96m",
        "command of its service 'web' was one of its own, and is one with a secret of the instance's",
      ], "\(reading.notices)")
    // The control: of a project that says nothing, all of it is told.
    var plain = project
    plain.containers[0].facts = [:]
    let told = try ProjectReading(plain, as: manifest).notices.filter { $0.contains("of its service 'web' was") }
    #expect(told.count == 16, "\(told)")
  }

  @Test("a folder that a container could only read, or could write, and now cannot, is told")
  func access() throws {
    var project = WardPlugin.project
    project.containers[1].mounts[0].isReadOnly = true
    let notices = try ProjectReading(project, as: WardPlugin().manifest).notices
    #expect(notices.contains("/media of its service 'web' was read-only, and is writable"), "\(notices)")
    #expect(!notices.contains { $0.hasPrefix("/rows") })
  }
}

@Suite("Containers of a project that do not run, and several of one service")
struct ProjectStatesTests {
  private static func project(_ change: (inout [ForeignContainer]) -> Void) -> ForeignProject {
    var project = WardPlugin.project
    change(&project.containers)
    return project
  }

  private func reading(_ project: ForeignProject, _ pairs: [String: String] = [:]) throws -> ProjectReading {
    try ProjectReading(project, as: WardPlugin().manifest, pairs: pairs)
  }

  private func other(
    _ service: String, _ name: String, _ state: ForeignContainer.State, restart: String = "no", isSingle: Bool = false
  ) -> ForeignContainer {
    ForeignContainer(
      handle: ContainerHandle(id: name, name: name, restart: restart), service: service, state: state,
      singleCommand: isSingle, image: "registry.example/store:14",
      mounts: [.init(target: "/own", path: "/srv/\(name)", volume: nil)])
  }

  @Test(
    "one that pairs is adopted as it is, and comes back as it was",
    arguments: [
      (.running, nil, .well), (.paused, "was paused, and runs", .paused),
      (.unwell, "was not well, and runs", .unwatched), (.created, "was never started, and runs", .stopped),
      (.ended(137), "had ended with the status 137, and runs", .stopped),
    ] as [(ForeignContainer.State, String?, ContainerHandle.Comeback)])
  func paired(_ state: ForeignContainer.State, _ notice: String?, _ comeback: ContainerHandle.Comeback) throws {
    let reading = try reading(Self.project { $0[0].state = state })
    #expect(reading.problems == [] && reading.volumes.map(\.name) == ["rows", "media"])
    #expect(reading.containers.map(\.comeback) == [comeback, .well])
    #expect(reading.containers[0].isNeeded == state.isAlive)
    let told = reading.notices.filter { $0.hasPrefix("its service 'store' ") }
    #expect(told == (notice.map { ["its service 'store' \($0)"] } ?? []))
  }

  @Test("one that pairs with nothing is named, and its data is looked at as that of one that runs")
  func others() throws {
    var reading = try reading(
      Self.project {
        $0 += [
          other("init", "old_init", .ended(0)), other("stats", "old_stats", .ended(1), restart: "always"),
          other("web", "old_web_2", .ended(0)), other("store", "old_run", .ended(0), isSingle: true),
        ]
      })
    for line in [
      "its service 'init' had ended well, as one does that runs once, and has no counterpart",
      "its service 'stats' had ended with the status 1, and has no counterpart",
      "its service 'web' had several containers, and goes on with 'old_app': 'old_web_2' had ended well, as one does that runs once",
      "the container 'old_run' of a single command of its service 'store' had ended well, as one does that runs once, and has no counterpart",
    ] { #expect(reading.notices.contains(line), "\(line): \(reading.notices)") }
    reading.judge(ProjectGround(real: { $0 }, content: { _ in .folder(["a"]) }, size: { _ in 1 }), leaving: ["/static"])
    #expect(reading.problems.map(\.code) == Array(repeating: "data-left-behind", count: 4))
  }

  @Test("one that runs stands before one that does not, whichever comes first")
  func several() throws {
    let reading = try reading(Self.project { $0.insert(other("store", "old_before", .ended(0)), at: 0) })
    #expect(reading.problems == [] && reading.volumes.map(\.name) == ["rows", "media"])
    #expect(reading.containers.map(\.isAuxiliary) == [true, false, false])
  }

  @Test("what nobody can stop and start again keeps a project from being adopted")
  func refused() throws {
    let command = try reading(Self.project { $0.append(other("web", "old_run", .running, isSingle: true)) })
    #expect(command.problems.map(\.remedy?.text) == ["docker stop old_run"])
    let dead = try reading(Self.project { $0.append(other("x", "old_x", .dead)) })
    #expect(dead.problems.map(\.remedy?.text) == ["docker rm --force old_x"])
  }

  @Test("a service that a setting turns on stays off where its container did not run")
  func conditional() throws {
    func told(_ state: ForeignContainer.State) throws -> ProjectReading {
      var manifest = WardPlugin().manifest
      manifest.settings = manifest.settings.map { setting in
        setting.id == "debug" ? Setting("debug", .bool, default: "true") : setting
      }
      let project = Self.project {
        $0.append(
          ForeignContainer(
            handle: ContainerHandle(id: "d", name: "old_dev", restart: "no"), service: "dev", state: state,
            image: "registry.example/ward:2"))
      }
      return try ProjectReading(project, as: manifest)
    }
    let idle = try told(.ended(1))
    #expect(idle.settings["debug"] == "false")
    #expect(idle.notices.contains("its service 'dev' had ended with the status 1, and stays stopped"))
    #expect(try told(.running).settings["debug"] == "true")
  }

  @Test("of two that have the image of a service, the one that a person names is taken")
  func byHand() throws {
    let project = Self.project {
      $0[0].service = "rows"
      $0.append(other("stats", "old_stats", .running))
    }
    #expect(try reading(project).problems.map(\.code) == ["not-adoptable"])
    let rows = try reading(project, ["store": "rows"])
    #expect(rows.problems == [] && rows.volumes.map(\.name) == ["rows", "media"])
    #expect(rows.notices.contains("its service 'rows' goes on as 'store', as --pair says"))
    // The control: the other one keeps nothing where the plugin does.
    #expect(try reading(project, ["store": "stats"]).volumes.map(\.name) == ["media"])
    // A name that a person has given away is nobody else's.
    let crossed = try reading(WardPlugin.project, ["store": "web"])
    #expect(crossed.problems.map(\.code) == ["not-adoptable"])
  }
}
