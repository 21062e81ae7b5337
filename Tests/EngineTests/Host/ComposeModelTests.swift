import BerthKit
import Testing

@testable import BerthHost

/// As `docker compose config --format json` of Docker Compose 2.26 prints a project.
@Suite("What Docker Compose reads in a project") struct ComposeModelTests {
  private static let plugin = """
    services:
      app:
        image: ${IMAGE}
        volumes: ["media:/m"]
        tmpfs: /x
      other: { image: registry.example/o:1 }
    volumes: { media: }

    """
  private static let own = """
    { "name": "w", "services": { "app": { "image": "sha256:aa", "read_only": true, "cap_drop": ["ALL"],
      "security_opt": ["no-new-privileges:true"], "volumes": [{ "type": "volume", "source": "media", "target": "/m" },
      { "type": "bind", "source": "/run/${UNIT:-app}/0", "target": "/r" },
      { "type": "bind", "source": "/srv/$$x", "target": "/s" }] } },
      "volumes": { "media": { "name": "w_media", "driver_opts": { "device": "/d", "o": "bind", "type": "none" } } } }
    """
  private static let model = """
    { "name": "w", "networks": { "default": { "name": "w", "ipam": {} } },
      "services": { "app": { "command": null, "entrypoint": null, "image": "sha256:aa", "read_only": true,
      "cap_drop": ["ALL"], "security_opt": ["no-new-privileges:true"], "tmpfs": ["/x"], "networks": { "default": null },
      "volumes": [{ "type": "volume", "source": "media", "target": "/m", "volume": {} },
      { "type": "bind", "source": "/run/app/0", "target": "/r", "bind": {} },
      { "type": "bind", "source": "/srv/$$x", "target": "/s", "bind": {} }] },
      "other": { "image": "registry.example/o:1", "networks": { "default": null } } },
      "volumes": { "media": { "name": "w_media", "driver_opts": { "device": "/d", "o": "bind", "type": "none" } } } }
    """

  private func surplus(_ old: String = "", _ new: String = "") throws -> String? {
    if !old.isEmpty { try #require(Self.model.contains(old)) }
    let model = old.isEmpty ? Self.model : Self.model.replacing(old, with: new)
    return try ComposeModel(model, plugin: Self.plugin, own: Self.own).surplus
  }

  @Test("control: what both read alike is nothing more")
  func alike() throws { #expect(try surplus() == nil) }

  @Test("the addresses of a network are those that Berth wrote, and no others")
  func addresses() throws {
    let range = "{ \"config\": [{ \"subnet\": \"10.213.0.0/27\" }] }"
    let own = Self.own.replacing(
      "\"volumes\": { \"media\": { \"name\"",
      with:
        "\"networks\": { \"default\": { \"name\": \"w\", \"ipam\": \(range) } }, \"volumes\": { \"media\": { \"name\"")
    func surplus(_ ipam: String) throws -> String? {
      try ComposeModel(Self.model.replacing("\"ipam\": {}", with: "\"ipam\": \(ipam)"), plugin: Self.plugin, own: own)
        .surplus
    }
    #expect(try surplus(range) == nil)
    for other in [
      "{}", "{ \"config\": [{ \"subnet\": \"10.0.0.0/8\" }] }",
      range.replacing(" }] }", with: ", \"gateway\": \"10.213.0.9\" }] }"),
    ] {
      #expect(try surplus(other)?.contains("the network 'default' is none") == true, "\(other)")
    }
  }

  @Test("a service in another's network waits for that one by itself, and for no other; no other network is one")
  func networks() throws {
    func surplus(_ mode: String, _ needs: String) throws -> String? {
      let words =
        "\"network_mode\": \"\(mode)\", \"depends_on\": { \"\(needs)\": { \"condition\": \"service_started\" } },"
      let model = Self.model.replacing("\"command\": null,", with: words)
      let plugin = Self.plugin.replacing("    tmpfs: /x", with: "    tmpfs: /x\n    network_mode: service:other")
      return try ComposeModel(model, plugin: plugin, own: Self.own).surplus
    }
    #expect(try surplus("service:other", "other") == nil)
    #expect(try surplus("service:other", "third")?.contains("'depends_on' stands there") == true)
    #expect(try surplus("host", "host")?.contains("'depends_on' stands there") == true)
    let host = Self.model.replacing("\"command\": null,", with: "\"network_mode\": \"host\",")
    let plugin = Self.plugin.replacing("    tmpfs: /x", with: "    tmpfs: /x\n    network_mode: service:other")
    let found = try ComposeModel(host, plugin: plugin, own: Self.own).surplus
    #expect(found?.contains("'network_mode' is another one") == true)
  }

  @Test(
    "whatever Compose sees beyond what Berth has read is named",
    arguments: [
      ("\"tmpfs\": [\"/x\"]", "\"privileged\": true", "'privileged' stands there"),
      ("\"tmpfs\": [\"/x\"]", "\"pid\": \"host\"", "'pid' stands there"),
      ("\"tmpfs\": [\"/x\"]", "\"cap_add\": [\"ALL\"]", "'cap_add' stands there"),
      ("\"tmpfs\": [\"/x\"]", "\"devices\": []", "'devices' stands there"),
      ("\"cap_drop\": [\"ALL\"],", "", "'cap_drop' is another one"),
      ("no-new-privileges:true\"", "no-new-privileges:true\", \"seccomp:unconfined\"", "'security_opt' is another one"),
      ("\"read_only\": true", "\"read_only\": false", "'read_only' is another one"),
      (
        "{ \"type\": \"bind\", \"source\": \"/srv/$$x\"", "{ \"type\": \"bind\", \"source\": \"/\"",
        "'bind / /s' is mounted"
      ),
      ("\"device\": \"/d\"", "\"device\": \"/\"", "the volume 'media' is another one"),
      ("\"ipam\": {}", "\"ipam\": {}, \"driver\": \"host\"", "the network 'default' is none"),
      ("\"ipam\": {}", "\"external\": true", "the network 'default' is none"),
      ("\"name\": \"w\", \"networks\"", "\"secrets\": {}, \"networks\"", "'secrets' stands at the top"),
      ("\"app\": { \"command\"", "\"App\": { \"command\"", "there is no service 'app'"),
    ])
  func beyond(_ old: String, _ new: String, _ says: String) throws {
    let found = try #require(try surplus(old, new))
    #expect(found.contains(says), "\(found)")
  }
}
