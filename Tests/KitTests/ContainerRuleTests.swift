@testable import BerthKit
import Testing

@Suite("Rules for containers") struct ContainerRuleTests {
  @Test(
    "a container says where its image comes from, and only what a container can have",
    arguments: [
      Refusal(
        "service: shelf, target: 80", "service: shelf, target: 80, bind: \"::1\"", key: "ports.shelf.bind",
        "Podman opens no port on '::1', from where the kernel forwards nothing"),
      Refusal(
        "group: 1002", "group: -1", key: "services.desk.container.group", "-1 is not the number of a group"),
      Refusal(
        "user: \"1001\"", "user: \"1001:7\"", key: "services.desk.container.group", "'group' goes with a 'user'",
        line: "group: 1002"),
      Refusal(
        "exec: [--serve, now]", "exec: [\"{{settings.token}}\"]", key: "services.desk.container.exec[0]",
        "'{{settings.token}}' is a secret"),
      Refusal(
        "exec: [--serve, now]", "exec: [\"{{paths.data}}\"]", key: "services.desk.container.exec[0]",
        "'{{paths.data}}' is a place of the host's"),
      Refusal("exec: [--serve, now]", "exec: []", key: "services.desk.container.exec", "expected at least one word"),
      Refusal(
        "\"workdir\": /desk", "\"workdir\": desk", key: "services.desk.container.workdir",
        "'desk' is not an absolute path"),
      Refusal(
        "desk.kind:", "io.containers.autoupdate:", key: "services.desk.container.labels.io.containers.autoupdate",
        "labels that begin with"),
      Refusal("desk.kind:", "\"a b\":", key: "services.desk.container.labels.a b", "'a b' is not the name of a label"),
      Refusal(
        "/scratch:size=8m", "/scratch:suid", key: "services.desk.container.tmpfs[0]", "'suid' is none of"),
      Refusal("shm-size: 32M", "shm-size: big", key: "services.desk.container.shm-size", "'big' is not a size"),
      Refusal(
        "back: [desktop]", "Back: [desktop]", key: "services.desk.container.networks.Back", "'Back' is not a name"),
      Refusal(
        "back: [desktop]", "back: [\"a,ip=1\"]", key: "services.desk.container.networks.back",
        "'a,ip=1' is not a name in a network"),
      Refusal(
        "network: desk }", "network: main }", key: "services.lamp.container.network",
        "expected another service with 'container'"),
      Refusal(
        "network: desk }", "network: lamp }", key: "services.lamp.container.network",
        "expected another service with 'container'"),
      Refusal(
        "    \"depends-on\": [desk]\n", "", key: "services.lamp.container.network", "say 'depends-on: [desk]' as well",
        line: "network: desk }"),
      Refusal(
        "image: registry.example/shelf:1", "image: shelf:1", key: "services.shelf.container.image",
        "'shelf:1' is not an image with its registry"),
      Refusal(
        "image: registry.example/shelf:1", "image: \"{{settings.title}}\"", key: "services.shelf.container.image",
        "expected an image's name or one setting of type image"),
      Refusal(
        "image: registry.example/shelf:1", "image: \"{{settings.image}}:1\"", key: "services.shelf.container.image",
        "expected an image's name or one setting of type image"),
      Refusal(
        "user: \"1000:1000\"", "user: root", key: "services.shelf.container.user", "expected numbers such as 1000:1000"),
      Refusal(
        "user: \"1000:1000\"", "user: \"{{instance.slug}}\"", key: "services.shelf.container.user",
        "expected numbers such as 1000:1000"),
      Refusal(
        "devices: [/dev/fuse,", "devices: [/etc/passwd,", key: "services.shelf.container.devices[0]",
        "'/etc/passwd' is not a device below /dev"),
      Refusal(
        "path: /dev/dri,", "path: \"/dev/dri:rwm\",", key: "services.shelf.container.devices[1]",
        "'/dev/dri:rwm' is not a device below /dev"),
      Refusal(
        "mounts: { /data:", "mounts: { data:", key: "services.shelf.mounts.data", "'data' is not an absolute path"),
      Refusal("mounts: { /data:", "mounts: { /:", key: "services.shelf.mounts./", "'/' is not an absolute path"),
      Refusal(
        "mounts: { /data:", "mounts: { \"/data:x\":", key: "services.shelf.mounts./data:x",
        "'/data:x' is not an absolute path"),
      Refusal(
        "/data: \"{{paths.data}}/shelf\"", "/data: \"{{paths.data}}/../x\"", key: "services.shelf.mounts./data",
        "'..' cannot stand in a path"),
      Refusal(
        "/data: \"{{paths.data}}/shelf\"", "/data: Shelf", key: "services.shelf.mounts./data",
        "'Shelf' is neither an absolute path nor the name of a volume"),
      Refusal(
        "/data: \"{{paths.data}}/shelf\"", "/data: a/b", key: "services.shelf.mounts./data",
        "'a/b' is neither an absolute path nor the name of a volume"),
      Refusal(
        "mode: ro, when: { mode: fast }", "when: { speed: slow }", key: "services.shelf.mounts./media.when.speed",
        "there is no setting 'speed'"),
      Refusal(
        "ready: { exec: [/check, --now] }", "ready: [{ exec: [/a] }, { exec: [/b] }]", key: "services.check.ready",
        "a container has one program for its health"),
      Refusal(
        "ready: { exec: [/check, --now] }", "ready: [{ exec: [/a] }, { tcp: shelf }]", key: "services.check.ready[1]",
        "a container is asked by 'http' or 'exec'"),
      Refusal(
        "ready: { exec: [/check, --now] }", "ready: []", key: "services.check.ready", "expected at least one probe"),
      Refusal(
        "volume: stock,", "volume: stick,", key: "backup.stock.volume",
        "no service mounts a volume 'stick'; did you mean 'stock'?"),
      Refusal(
        "volume: stock, hot:", "volume: stock, exclude: [x], hot:", key: "backup.stock.exclude",
        "'exclude' goes with 'files' alone"),
      Refusal(
        "from: \"{{settings.folder}}\"", "from: \"{{settings.title}}\"", key: "services.shelf.mounts./media",
        "expected a path below {{paths.…}}, an absolute one, or a setting of type path"),
      Refusal(
        "from: \"{{settings.folder}}\"", "from: \"{{settings.folder}}:z\"", key: "services.shelf.mounts./media",
        "expected a path below {{paths.…}}, an absolute one, or a setting of type path"),
      Refusal(
        "port: shelf, path: /health", "port: query, path: /health", key: "services.shelf.ready.http.port",
        "the port 'query' is not tcp"),
      Refusal(
        "port: shelf, path: /health", "port: shelf, path: health", key: "services.shelf.ready.http.path",
        "'health' is not a path such as /health"),
      Refusal(
        "port: shelf, path: /health", "port: shelf, path: \"/a b\"", key: "services.shelf.ready.http.path",
        "'/a b' is not a path such as /health"),
      Refusal(
        "status: [200, 204]", "status: 99", key: "services.shelf.ready.http.status", "expected status codes"),
      Refusal(
        "host: shelf.example,", "host: \"a b\",", key: "services.shelf.ready.http.host",
        "expected a host name or one setting of type hostname"),
      Refusal(
        "ready: { exec: [/check, --now] }", "ready: { tcp: shelf }", key: "services.check.ready",
        "a container is asked by 'http' or 'exec'"),
      Refusal(
        "ready: { exec: [/check, --now] }", "ready: { exec: [] }", key: "services.check.ready.exec",
        "expected a program"),
      Refusal(
        "ready: { exec: [/check, --now] }", "workdir: /srv", key: "services.check.workdir",
        "an image has its own working folder"),
      Refusal(
        "ready: { exec: [/check, --now] }", "loosen: { PrivateTmp: why }", key: "services.check.loosen.PrivateTmp",
        "'PrivateTmp' is no hardening line"),
      Refusal(
        "ready: { exec: [/check, --now] }", "loosen: { readonly: why }", key: "services.check.loosen.readonly",
        "'readonly' is no hardening line; did you mean 'read-only'?"),
      Refusal(
        "ready: { exec: [/check, --now] }", "loosen: { privileged: why }", key: "services.check.loosen.privileged",
        "'privileged' is no hardening line"),
      Refusal(
        "ready: { exec: [/check, --now] }", "loosen: { read-only: \"\" }", key: "services.check.loosen.read-only",
        "expected the reason, in one line"),
      Refusal(
        "ready: { exec: [/check, --now] }", "loosen: { no-setuid: 'why\\' }", key: "services.check.loosen.no-setuid",
        "expected the reason, in one line"),
      Refusal(
        "CAP_CHOWN: it gives files away", "CAP_CHOW: why", key: "services.check.capabilities.CAP_CHOW",
        "'CAP_CHOW' is no capability; did you mean 'CAP_CHOWN'?"),
      Refusal(
        "CAP_CHOWN: it gives files away", "ALL: why", key: "services.check.capabilities.ALL", "'ALL' is no capability"),
      Refusal(
        "CAP_CHOWN: it gives files away", "CAP_CHOWN: \"\"", key: "services.check.capabilities.CAP_CHOWN",
        "expected the reason, in one line"),
      Refusal(
        "    depends-on: [main]", "    capabilities: { CAP_KILL: why }\n    depends-on: [main]",
        key: "services.web.capabilities.CAP_KILL", "'capabilities' goes with a container",
        line: "capabilities: { CAP_KILL: why }"),
      Refusal(
        "ready: { exec: [/check, --now] }", "stop: { first: { exec: [bin/x] } }",
        key: "services.check.stop.first.exec[0]", "expected a program of the image"),
      Refusal(
        "ready: { exec: [/check, --now] }", "stop: { first: { exec: [x, \"{{paths.data}}\"] } }",
        key: "services.check.stop.first.exec[1]", "'{{paths.data}}' is a place of the host's, not of a container"),
      Refusal(
        "service: web\n    command: [/usr/bin/dump,", "service: check\n    command: [\"{{programs.server}}\",",
        key: "backup.store.command[0]", "expected a program of the image", line: "command: [\"{{programs.server}}\","),
      Refusal(
        "service: main, exec: [/usr/bin/setup", "service: check, exec: [\"{{programs.server}}\"",
        key: "jobs.setup.exec[0]",
        "expected a program of the image"),
      Refusal(
        "udp: game, timeout", "exec: [/usr/bin/x], timeout", key: "services.main.ready.exec",
        "'exec' goes with a container"),
      Refusal(
        "default: 4080, service: web", "default: 4080, service: web, target: 80", key: "ports.site.target",
        "'target' goes with a port of a container"),
      Refusal("target: 80", "target: 0", key: "ports.shelf.target", "0 is not a port"),
      Refusal(
        "    container: { image: \"{{settings.image}}\" }", "    exec: [/x]\n    container: { image: a.b/c }",
        key: "services.check", "expected one of 'exec', 'container' and 'compose'", line: "exec: [/x]"),
    ])
  func rules(_ refusal: Refusal) throws { try refusal.check() }

  @Test(
    "an image's name is complete with its registry",
    arguments: [
      ("docker.io/library/redis:7", true), ("localhost/x", true), ("registry.example:5000/a/b_c-d:1.0", true),
      ("a.b/c@sha256:" + String(repeating: "0", count: 64), true), ("redis", false), ("library/redis:7", false),
      ("docker.io/Redis", false), ("docker.io/redis:", false), ("docker.io/redis 7", false), ("docker.io/../x", false),
      ("docker.io/redis@sha256:12", false), ("docker.io/redis;x", false), ("--a.b/c", false), ("a.b/c\n", false),
      ("docker.io/", false), ("a.b/é", false),
    ])
  func images(_ text: String, _ isComplete: Bool) { #expect(ImageReference.isComplete(text) == isComplete, "\(text)") }

  @Test(
    "the tag is what stands behind the last colon of the name",
    arguments: [
      ("docker.io/library/redis:7", "7"), ("registry.example:5000/a", nil), ("a.b:1/c:x@sha256:00", "x"),
      ("a.b/c", nil),
    ] as [(String, String?)])
  func tags(_ text: String, _ tag: String?) { #expect(ImageReference.tag(text) == tag) }

  @Test(
    "a path of a person's can be said in every format",
    arguments: [
      ("/srv/media", "/srv/media"), ("/srv/media/", "/srv/media"), ("/srv/mine and yours", "/srv/mine and yours"),
      ("srv", nil), ("/srv/../etc", nil), ("/srv:z", nil), ("/srv/%i", nil), ("/srv/$HOME", nil), ("/srv/\"x", nil),
      ("/srv/\\x", nil), ("/srv/*", nil), ("/srv\n", nil),
    ] as [(String, String?)])
  func paths(_ text: String, _ value: String?) {
    #expect((try? Setting("x", .path).parse(text)) == value.map { .text($0) })
  }

  @Test("a program sees a config file only to read it, and a container as its plugin says")
  func configFiles() throws {
    var manifest = Sample.manifest
    let place = try #require(manifest.config.first).location
    manifest.services[0].mounts.append(Mount("/opt/sample.conf", from: place, readOnly: true))
    try ManifestValidator(manifest).validate()
    manifest.services[0].mounts[manifest.services[0].mounts.count - 1].isReadOnly = false
    let error = try #require(throws: (any Error).self) { try ManifestValidator(manifest).validate() }
    #expect("\(error)".contains("{ from: …, mode: ro }") && "\(error)".contains("/opt/sample.conf"), "\(error)")
  }

  @Test(
    "a program's mounts lie over nothing that Berth's own commands in its unit believe",
    arguments: [
      "/etc", "/etc/ld.so.preload", "/usr/bin", "/lib64", "/run", "/./etc", "/proc",
    ])
  func targets(_ target: String) throws {
    var manifest = Sample.manifest
    manifest.services[0].mounts.append(Mount(target, volume: "stock"))
    let error = try #require(throws: (any Error).self) { try ManifestValidator(manifest).validate() }
    #expect("\(error)".contains("nothing of the system"), "\(error)")
    manifest.services[0].mounts[manifest.services[0].mounts.count - 1].target = "/opt/etc"
    try ManifestValidator(manifest).validate()
  }

  @Test("a plan is told of all that weakens the isolation of the services an instance has, and of no others")
  func weakenings() throws {
    func lines(_ settings: [String: Value]) -> [String] {
      Sample.manifest.weakenings(settings).map { "\($0.service) \($0.line): \($0.reason)" }
    }
    let main = "main MemoryDenyWriteExecute: it compiles as it runs"
    #expect(lines(["web": .boolean(false), "mode": .text("fast")]) == [main])
    #expect(
      lines(["web": .boolean(true), "mode": .text("fast")]) == [
        main, "shelf devices: /dev/fuse is shown to it", "shelf devices: /dev/dri is shown to it",
        "shelf static: /var/www/{{instance.slug}}_{{settings.image | ident}} of the host is served",
        "check CAP_CHOWN: it gives files away",
      ])
    var manifest = Sample.manifest
    manifest.services[0].mounts = [Mount("/run/docker.sock", from: "/run/docker.sock")]
    #expect(
      manifest.weakenings([:]).map(\.reason) == [
        "it compiles as it runs", "/run/docker.sock of the host is shown to it",
      ])
    manifest.services[0].mounts = []
    manifest.routes[0].staticFolders = [.init("/doc/", "/usr/share/doc"), .init("/own/", "{{paths.data}}/own")]
    manifest.routes[0].condition = nil
    #expect(
      manifest.weakenings(["web": .boolean(true)]).filter { $0.line == "static" }.map(\.reason) == [
        "/usr/share/doc of the host is served"
      ])
  }
}
