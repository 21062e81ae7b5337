import BerthKit
import Testing

@testable import BerthEngine
@testable import BerthPlanning

@Suite("A project of Docker Compose, read as an instance")
struct ProjectReadingTests {
  private func reading(
    _ environment: [String: String], _ declared: [(String, Template)], settings: [Setting],
    image: String? = "registry.example/ward:2"
  ) throws -> ProjectReading {
    var manifest = WardPlugin().manifest
    manifest.settings = settings
    manifest.services[1].environment = declared.map { .init($0, $1) }
    var project = WardPlugin.project
    project.containers[1].environment = environment
    project.containers[1].image = image
    return try ProjectReading(project, as: manifest)
  }

  private let words = [
    Setting("a", .string, optional: true), Setting("b", .string, default: "x"), Setting("image", .image),
  ]

  @Test(
    "a setting is what stands in its place in a variable",
    arguments: [
      ("{{settings.a}}", "x y", "x y"), ("{{settings.a}},localhost", "x,localhost", "x"),
      ("https://{{settings.a}}/", "https://x/", "x"), ("https://{{settings.a}}/", "http://x/", nil),
      ("{{settings.a}}-{{settings.b}}", "x-y", "x"),
      ("{{settings.a}}-{{settings.b}}", "x-y-z", nil), ("{{settings.a}},www.{{settings.a}}", "x,www.x", "x"),
      ("{{settings.a}},www.{{settings.a}}", "x,www.y", nil), ("{{settings.a}},www.{{settings.a}}", "x", "x"),
      ("h{{settings.a}},h{{settings.a}}", "hx", "x"), ("{{settings.a | ident}}", "x_y", nil),
      ("ab{{settings.a}}bc", "abc", nil), ("{{settings.a}}", "", nil), ("é{{settings.a}}", "e\u{301}x", nil),
    ] as [(String, String, String?)])
  func values(_ template: String, _ value: String, _ expected: String?) throws {
    let reading = try reading(["V": value], [("V", Template(stringLiteral: template))], settings: words)
    #expect(reading.settings["a"] == expected)
  }

  @Test("a variable that is the setting alone stands before one that holds more")
  func alone() throws {
    let declared: [(String, Template)] = [("HOSTS", "{{settings.a}},localhost"), ("DOMAIN", "{{settings.a}}")]
    let both = try reading(["HOSTS": "one,localhost", "DOMAIN": "two"], declared, settings: words)
    #expect(both.settings["a"] == "two")
    #expect(try reading(["HOSTS": "one,localhost"], declared, settings: words).settings["a"] == "one")
  }

  @Test("the image is the container's, whatever a variable says; one without a name is left to the plugin")
  func image() throws {
    let declared: [(String, Template)] = [("IMAGE", "{{settings.image}}")]
    let old = try reading(["IMAGE": "registry.example/ward:old"], declared, settings: words)
    #expect(old.settings["image"] == "registry.example/ward:2")
    // What becomes of it is no change.
    #expect(
      try !reading(["IMAGE": "registry.example/ward:2"], declared, settings: words).notices.contains {
        $0.hasPrefix("IMAGE")
      })
    #expect(try reading([:], declared, settings: words, image: nil).settings["image"] == nil)
  }

  @Test("a fixed value that was another one is told")
  func fixed() throws {
    let reading = try reading(["ENGINE": "sqlite3"], [("ENGINE", "postgresql")], settings: words)
    #expect(reading.notices.contains("ENGINE was sqlite3, and becomes postgresql"))
  }

  @Test("what may be a password is not told, though the plugin takes it for none")
  func fixedSecrets() throws {
    let former = ["DB_PASSWORD": "hunter2", "DATABASE_URL": "db://ana:hunter2@rows/1", "PAGE": "http://a/@b"]
    let declared: [(String, Template)] = [("DB_PASSWORD", "rows"), ("DATABASE_URL", "db://rows"), ("PAGE", "http://c")]
    let reading = try reading(former, declared, settings: words)
    #expect(!reading.notices.contains { $0.contains("hunter2") })
    #expect(reading.notices.contains("DB_PASSWORD was another one, and becomes rows"))
    #expect(reading.notices.contains("PAGE was http://a/@b, and becomes http://c"))
  }

  @Test("names that share a variable are told apart where there is one way alone, and by what others have said")
  func several() throws {
    let hosts: (String, Template) = ("HOSTS", "{{settings.d}},www.{{settings.d}},{{settings.o}},127.0.0.1")
    let settings = [Setting("d", .hostname), Setting("o", .string, default: "localhost"), Setting("image", .image)]
    func read(_ environment: [String: String], _ more: [(String, Template)] = []) throws -> ProjectReading {
      try reading(environment, [hosts] + more, settings: settings)
    }
    let asExample = try read(["HOSTS": "a.example,www.a.example,localhost,10.0.0.7,127.0.0.1"])
    #expect(asExample.settings["d"] == "a.example" && asExample.settings["o"] == "localhost,10.0.0.7")
    #expect(!asExample.notices.contains { $0.hasPrefix("HOSTS") })
    let other = try read(["HOSTS": "localhost,a.example", "SITE": "a.example"], [("SITE", "{{settings.d}}")])
    #expect(other.settings["d"] == "a.example" && other.settings["o"] == nil)
    #expect(
      other.notices.contains(
        "HOSTS was localhost,a.example, and becomes a.example,www.a.example,localhost,127.0.0.1"))
  }

  @Test("what the plugin does not know is carried as it is, but for what the image says; a command is told, not shown")
  func carried() throws {
    var project = WardPlugin.project
    project.containers[1].environment["MAIL"] = "secret@example"
    project.containers[1].environment["PATH"] = "/usr/bin"
    project.containers[1].environment["LANG"] = "pt_BR"
    project.containers[1].imageEnvironment = ["PATH": "/usr/bin", "LANG": "C"]
    project.containers[0].facts[.command] = "postgres -c password=hunter2"
    let reading = try ProjectReading(project, as: WardPlugin().manifest)
    #expect(
      reading.settings.filter { OwnVariable.isKey($0.key) } == [
        "env.MAIL@web": "secret@example", "env.LANG@web": "pt_BR",
      ])
    #expect(
      reading.notices.contains("command of its service 'store' was one of its own, and is its image's"),
      "\(reading.notices)")
    #expect(!reading.notices.contains { $0.contains("secret@example") || $0.contains("hunter2") })
  }

  @Test(
    "a variable that all containers have alike is one of all, any other one of each; what the plugin sets elsewhere too"
  )
  func shared() throws {
    var project = WardPlugin.project
    let (same, other) = (["TZ": "UTC", "LEVEL": "1", "TITLE": "a"], ["TZ": "UTC", "LEVEL": "2", "TITLE": "b"])
    project.containers[0].environment.merge(same) { _, new in new }
    project.containers[1].environment.merge(other) { _, new in new }
    let reading = try ProjectReading(project, as: WardPlugin().manifest)
    #expect(
      reading.settings.filter { OwnVariable.isKey($0.key) } == [
        "env.TZ": "UTC", "env.LEVEL@store": "1", "env.LEVEL@web": "2", "env.TITLE@store": "a",
      ])
    #expect(reading.settings["title"] == "b")
    // What one file gives them all is the plugin's for one of them: nobody needs a second copy of a secret.
    project.containers[0].environment["KEY"] = "sesame"
    let again = try ProjectReading(project, as: WardPlugin().manifest)
    #expect(again.settings == reading.settings)
    #expect(again.notices.contains("KEY stays behind for 'store', which the plugin does not give it to"))
  }

  @Test(
    "what no file can hold stays behind, and is told by name", arguments: [("A", "1\n2"), ("a b", "1"), ("9", "1")])
  func behind(_ name: String, _ value: String) throws {
    var project = WardPlugin.project
    project.containers[1].environment[name] = value
    project.containers[1].environment["LONG"] = String(repeating: "x", count: 5000)
    let reading = try ProjectReading(project, as: WardPlugin().manifest)
    #expect(!reading.settings.keys.contains { OwnVariable.isKey($0) })
    for name in [name, "LONG"] {
      #expect(
        reading.notices.contains("\(name) of 'web' stays behind: no file can hold its name, its lines or its length"),
        "\(reading.notices)")
    }
  }

  @Test("a variable that the plugin's Compose file says is told, and not carried")
  func ofTheFile() throws {
    var manifest = WardPlugin().manifest
    manifest.compose?.services[1].variables = ["WORKERS", "TITLE"]
    var project = WardPlugin.project
    project.containers[1].environment["WORKERS"] = "9"
    let reading = try ProjectReading(project, as: manifest)
    #expect(reading.notices.contains("WORKERS of its service 'web' is what the plugin's Compose file says"))
    #expect(!reading.settings.keys.contains { OwnVariable.isKey($0) })
  }

  @Test("what only the planned instance says is told then: numbers, what was not set, what is left out; secrets never")
  func told() throws {
    let declared: [(String, Template)] = [
      ("UID", "{{instance.uid}}"), ("NEW", "{{settings.b}}"), ("GONE", "{{settings.a}}"), ("SAME", "{{instance.gid}}"),
      ("KEY", "user:{{settings.key}}"), ("TOKEN", "{{settings.key}}"),
    ]
    var reading = try reading(
      ["UID": "1001", "GONE": "", "SAME": "7", "KEY": "hunter2"], declared,
      settings: words + [Setting("key", .secret)])
    var variables = Variables()
    variables.set("instance.uid", to: .integer(6))
    variables.set("instance.gid", to: .integer(7))
    variables.set("settings.a", to: nil)
    variables.set("settings.b", to: .text("x"))
    variables.set("settings.key", to: .text("sesame"), isSecret: true)
    let before = reading.notices
    try reading.tell(variables, user: nil)
    #expect(
      Set(reading.notices.dropFirst(before.count)) == [
        "UID was 1001, and becomes 6", "NEW was not set, and becomes x", "GONE was empty, and is left out",
        "KEY was another one, and becomes the instance's secret",
        "TOKEN was not set, and becomes the instance's secret",
      ])
    #expect(!reading.notices.contains { $0.contains("hunter2") || $0.contains("sesame") })
  }

  @Test("a truth is read in any letters")
  func truths() throws {
    let settings = [Setting("a", .bool, default: "false"), Setting("image", .image)]
    let reading = try reading(["V": "True"], [("V", "{{settings.a}}")], settings: settings)
    #expect(reading.settings["a"] == "true" && !reading.notices.contains { $0.hasPrefix("V ") })
  }

  @Test("its own files belong to the first number that a container is told, else to root")
  func numbers() throws {
    #expect(
      try ProjectReading(WardPlugin.project, as: WardPlugin().manifest).numbers == FileNumbers(user: 1001, group: 1001))
    var project = WardPlugin.project
    project.containers[1].user = nil
    #expect(try ProjectReading(project, as: WardPlugin().manifest).numbers == FileNumbers(user: 0, group: 0))
  }

  @Test("who is another one by a variable, having begun as root, is that one")
  func variableNumbers() throws {
    var project = WardPlugin.project
    project.containers[1].user = FileNumbers(user: 0, group: 0)
    project.containers[1].environment["NUMBER"] = "911"
    #expect(
      try ProjectReading(project, as: WardPlugin().manifest).numbers == FileNumbers(user: 911, group: 911))
  }

  @Test("ports that the plugin has no use for are told, and those that it opens; a shared network is looked through")
  func ports() throws {
    var project = WardPlugin.project
    project.containers[0].ports = [.init(published: PortNumber(.tcp, 5432), address: "0.0.0.0", target: 5432)]
    var manifest = WardPlugin().manifest
    manifest.ports.append(PortRole("log", [.tcp], default: 8779, bind: "127.0.0.1", service: "web", target: 9000))
    // The same program is open once more.
    let target = project.containers[1].ports[0].target
    project.containers[1].ports.append(
      .init(published: PortNumber(.tcp, 18480), address: "0.0.0.0", target: target))
    let reading = try ProjectReading(project, as: manifest)
    #expect(reading.ports == ["http": 8790])
    #expect(reading.notices.contains("port 18480 was open on 0.0.0.0, and is closed"), "\(reading.notices)")
    #expect(
      reading.notices.contains("port 5432 of its service 'store' was open on 0.0.0.0, and is closed"),
      "\(reading.notices)")
    #expect(reading.notices.contains("the port 'log' was not open, and is on 127.0.0.1"))
    // As of a program whose way out is another container.
    project.containers[0].ports = [project.containers[1].ports[0]]
    project.containers[1].ports = []
    manifest.compose?.services[1].network = "store"
    let shared = try ProjectReading(project, as: manifest)
    #expect(shared.ports == ["http": 8790] && !shared.notices.contains { $0.contains("is closed") })
  }

  @Test("volumes go by the place where a container sees them, and one that several see is taken once")
  func volumes() throws {
    var manifest = WardPlugin().manifest
    manifest.services[0].mounts.append(Mount("/shared", volume: "media"))
    let volumes = try ProjectReading(WardPlugin.project, as: manifest).volumes
    #expect(volumes.map(\.name) == ["rows", "media"])
  }
}
