import BerthKit
import Testing

/// What holds for the steps that bring an app's programs to the host.
@Suite("Rules for install steps") struct InstallRuleTests {
  private static let address = "https://maker.example/{{settings.mode}}.zip"

  @Test(
    "an address is one of the web's, made of settings that everybody may see",
    arguments: [
      Refusal(
        address, "ftp://maker.example/x", key: "install[1].download.url", "'ftp://maker.example/x' is not an address"),
      Refusal(address, "file:///etc/passwd", key: "install[1].download.url", "'file:///etc/passwd' is not an address"),
      Refusal(
        address, "https://", key: "install[1].download.url", "'https://' is not an address", line: "url: \"https://\""),
      Refusal(address, "https:///x", key: "install[1].download.url", "'https:///x' is not an address"),
      Refusal(address, "https://-x", key: "install[1].download.url", "'https://-x' is not an address"),
      Refusal(address, "https://a/b c", key: "install[1].download.url", "'https://a/b c' is not an address"),
      Refusal(address, "https://a/ä", key: "install[1].download.url", "'https://a/ä' is not an address"),
      Refusal(
        address, "https://me:word@a/b", key: "install[1].download.url", "'https://me:word@a/b' is not an address"),
      Refusal(
        address, "https://a/{{settings.token}}", key: "install[1].download.url", "'{{settings.token}}' is a secret"),
      Refusal(
        address, "https://a/{{settings.admin}}", key: "install[1].download.url", "'{{settings.admin}}' may be unset"),
      Refusal(
        address, "https://a/{{instance.id}}", key: "install[1].download.url",
        "only settings can stand here, not '{{inst"),
      Refusal(address, "https://a/{{settings.rule}}", key: "install[1].download.url", "there is no variable"),
    ])
  func addresses(_ refusal: Refusal) throws { try refusal.check() }

  @Test(
    "what is not pinned is not installed",
    arguments: [
      Refusal(
        "      sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n", "",
        key: "install[1].download", "the key 'sha256' is missing", line: "url: \"https"),
      Refusal(
        "9f86d081884c7d659a2feaa0", "9f86d081884c7d659a2feaa", key: "install[1].download.sha256",
        "expected 64 hexadecimal digits, or one setting"),
      Refusal(
        "9f86d081884c7d659a2feaa0", "9f86d081884c7d659a2feaaz", key: "install[1].download.sha256",
        "expected 64 hexadecimal digits, or one setting"),
      Refusal(
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "\"a{{settings.title}}\"",
        key: "install[1].download.sha256", "expected 64 hexadecimal digits, or one setting"),
    ])
  func checksums(_ refusal: Refusal) throws { try refusal.check() }

  @Test(
    "it goes into the app's own folder, by a name that stays there",
    arguments: [
      Refusal(
        "{{paths.app}}/share", "{{paths.data}}/share", key: "install[1].download.to", "expected {{paths.app}}, or"),
      Refusal("{{paths.app}}/share", "/usr/local", key: "install[1].download.to", "expected {{paths.app}}, or"),
      Refusal("{{paths.app}}/share", "{{paths.app}}/../x", key: "install[1].download.to", "expected {{paths.app}}, or"),
      Refusal("{{paths.app}}/share", "{{paths.app}}share", key: "install[1].download.to", "expected {{paths.app}}, or"),
      Refusal(
        "{{paths.app}}/share", "{{paths.app}}/{{settings.rules}}", key: "install[1].download.to",
        "expected {{paths.app}}, or"),
      Refusal(
        "{{paths.app}}/share\"\n      extract: true\n      strip: 2\n", "{{paths.app}}\"\n",
        key: "install[1].download.to",
        "expected {{paths.app}}/NAME", line: "to: \"{{paths.app}}\""),
      Refusal(
        "      extract: true\n", "", key: "install[1].download.strip", "'strip' goes with 'extract: true'",
        line: "strip: 2"),
      Refusal("strip: 2", "strip: 17", key: "install[1].download.strip", "expected 0 to 16"),
      Refusal("strip: 2", "strip: -1", key: "install[1].download.strip", "expected 0 to 16"),
      Refusal(
        "      when: { web: true }\n  - steamcmd", "      when: { nets: true }\n  - steamcmd",
        key: "install[1].download.when.nets", "there is no setting 'nets'", line: "when: { nets: true }"),
    ])
  func places(_ refusal: Refusal) throws { try refusal.check() }

  @Test(
    "what lies over a folder of the app's own is named plainly, and seen by a program",
    arguments: [
      "{{paths.app}}", "{{paths.app}}/", "{{paths.app}}/a//b", "{{paths.app}}/a/./b", "{{paths.app}}/a/../b",
      "{{paths.app}}/a/", "{{paths.app}}/a:b", "{{paths.app}}/{{settings.mode}}", "{{paths.data}}/a",
    ])
  func targets(_ target: String) throws {
    let place = "services.main.mounts.\(target)"
    let isLong = target.hasSuffix("//b") || target.hasSuffix("./b") && !target.hasSuffix("../b")
    try Refusal(
      "{ /srv/sample: stock }", "{ \"\(target)\": stock }", key: place,
      "'\(target)' is not \(isLong ? "the plain path of a folder" : "an absolute path for a mount")"
    ).check()
  }

  @Test(
    "a container has no folder of the app's own, and is not told of it",
    arguments: [
      Refusal(
        "{ /data: ", "{ \"{{paths.app}}/data\": ", key: "services.shelf.mounts.{{paths.app}}/data",
        "{{paths.app}} goes with a program that"),
      Refusal(
        "mounts: { /data:", "env: { HOME: \"{{paths.app}}/x\" }\n    mounts: { /data:", key: "services.shelf.env.HOME",
        "'{{paths.app}}' is a place of the host's, not of a container", line: "env: { HOME"),
      Refusal(
        "mounts: { /data:", "workdir: \"{{paths.app}}\"\n    mounts: { /data:", key: "services.shelf.workdir",
        "an image has its own working folder", line: "workdir: \"{{paths.app}}\""),
      Refusal(
        "exec: [/check, --now]", "exec: [/check, \"{{paths.app}}\"]", key: "services.check.ready.exec[1]",
        "'{{paths.app}}' is a place of the host's, not of a container"),
    ])
  func container(_ refusal: Refusal) throws { try refusal.check() }

  @Test(
    "an app of Steam's is a number, and a branch a word",
    arguments: [
      Refusal("app: 4711", "app: 0", key: "install[2].steamcmd.app", "0 is no number of Steam's"),
      Refusal("app: 4711", "app: x", key: "install[2].steamcmd.app", "expected a whole number"),
      Refusal(
        "branch: beta", "branch: +quit", key: "install[2].steamcmd.branch", "'+quit' is not the name of a branch"),
      Refusal("branch: beta", "branch: a b", key: "install[2].steamcmd.branch", "'a b' is not the name of a branch"),
      Refusal("{ app: 4711, branch", "{ branch", key: "install[2].steamcmd", "the key 'app' is missing"),
      Refusal(
        "- steamcmd: { app: 4711", "- apt: [x1]\n    steamcmd: { app: 4711", key: "install[2]",
        "expected one of 'apt', 'download' and 'steamcmd'", line: "- apt: [x1]"),
    ])
  func steam(_ refusal: Refusal) throws { try refusal.check() }

  @Test("two downloads do not go to one place")
  func samePlace() throws {
    let download = Download("https://a/b", sha256: Template(literal: Self.sum), to: "{{paths.app}}/x")
    var manifest = Sample.manifest
    manifest.install = [.download(download), .download(download)]
    #expect(throws: ManifestValidator.Problem.self) { try ManifestValidator(manifest).validate() }
    manifest.install = [.download(download)]
    try ManifestValidator(manifest).validate()
  }

  @Test("the app's own folder is known only where something comes into it, and may hold what a service runs")
  func variable() throws {
    var manifest = Sample.manifest
    manifest.services[0].form = .exec(["{{paths.app}}/bin/server", "{{paths.app}}"])
    manifest.services[0].workdir = "{{paths.app}}/share"
    try ManifestValidator(manifest).validate()
    manifest.services[0].form = .exec(["{{paths.app}}/../server"])
    #expect(throws: ManifestValidator.Problem.self) { try ManifestValidator(manifest).validate() }
    manifest.services[0].form = .exec(["{{paths.data}}/server"])
    #expect(throws: ManifestValidator.Problem.self) { try ManifestValidator(manifest).validate() }
    manifest.services[0].form = .exec(["{{paths.app}}/bin/server"])
    manifest.install = []
    #expect(throws: ManifestValidator.Problem.self) { try ManifestValidator(manifest).validate() }
  }

  private static let sum = String(repeating: "0", count: 64)
}
