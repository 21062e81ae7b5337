@testable import BerthKit
import Testing

@Suite("Rules for routes") struct RouteRuleTests {
  private static let host = "host: \"{{settings.mode}}.play.example\""
  private static let folder = "\"/var/www/{{instance.slug}}_{{settings.image | ident}}\""
  private static let login = "auth: \"login-{{settings.web}}\""

  @Test(
    "a route says what is asked for and where it goes, in words that every proxy can say",
    arguments: [
      Refusal(host, "host: \"a b.example\"", key: "routes.page.host", "'a b.example' makes no host name"),
      Refusal(host, "host: \"*.example\"", key: "routes.page.host", "'*.example' makes no host name"),
      Refusal(
        host, "host: \"{{settings.mode}}/x\"", key: "routes.page.host", "'{{settings.mode}}/x' makes no host name"),
      Refusal(host, "host: \"{{settings.token}}\"", key: "routes.page.host", "'{{settings.token}}' is a secret"),
      Refusal(host, "host: \"{{settings.nope}}\"", key: "routes.page.host", "there is no variable"),
      Refusal("path: /app\n", "path: app\n", key: "routes.page.path", "'app' is not a path"),
      Refusal("path: /app\n", "path: /app/\n", key: "routes.page.path", "'/app/' is not a path"),
      Refusal("path: /app\n", "path: \"/a b\"\n", key: "routes.page.path", "'/a b' is not a path"),
      Refusal("path: /app\n", "path: /../x\n", key: "routes.page.path", "'/../x' is not a path"),
      Refusal("path: /app\n", "path: /a{b\n", key: "routes.page.path", "'/a{b' is not a path"),
      Refusal("port: shelf\n", "port: shelff\n", key: "routes.page.port", "there is no port role 'shelff'"),
      Refusal("port: shelf\n", "port: query\n", key: "routes.page.port", "the port 'query' is not tcp"),
      Refusal(
        "/static/:", "/static:", key: "routes.page.static./static", "'/static' is not the beginning of addresses"),
      Refusal("/static/:", "/:", key: "routes.page.static./", "'/' is not the beginning of addresses"),
      Refusal("/static/:", "\"/a;b/\":", key: "routes.page.static./a;b/", "'/a;b/' is not the beginning"),
      Refusal(
        "/static/:", "/app/:", key: "routes.page", "'/app/' of this host is taken", line: "host: \"{{settings.mode}}"),
      Refusal(folder, "srv/www", key: "routes.page.static./static/", "'srv/www' makes no absolute path"),
      Refusal(folder, "/srv/../www", key: "routes.page.static./static/", "'/srv/../www' makes no absolute path"),
      Refusal(folder, "/srv/$www", key: "routes.page.static./static/", "'/srv/$www' makes no absolute path"),
      Refusal(
        folder, "\"/x{{settings.token}}\"", key: "routes.page.static./static/", "'{{settings.token}}' is a secret"),
      Refusal(
        folder, "\"/var/www/{{instance.slug}}/sub\"", key: "routes.page.static./static/", "nothing can lie below"),
      Refusal(
        folder, "\"{{settings.image}}/sub\"", key: "routes.page.static./static/", "nothing can lie below a folder that"),
      Refusal("max-body: 50M", "max-body: much", key: "routes.page.max-body", "expected a size"),
      Refusal(login, "auth: \"log in\"", key: "routes.page.auth", "'log in' makes no name"),
      Refusal(login, "auth: ../login", key: "routes.page.auth", "'../login' makes no name"),
      Refusal("sticky: true", "sticky: very", key: "routes.page.sticky", "expected true or false"),
      Refusal("when: { mode: [fast] }", "when: { mode: [quick] }", key: "routes.page.when.mode", ""),
      Refusal("  page:\n", "  Page:\n", key: "routes.Page", "'Page' is not a name", line: "host: \"{{settings.mode}}"),
    ])
  func refused(_ refusal: Refusal) throws { try refusal.check() }

  @Test(
    "a filter stands where another text than the value may stand, and that of a size with a size",
    arguments: [
      Refusal(
        "exec: [/usr/bin/web, \"{{ports.site}}\"]", "exec: [/usr/bin/web, \"{{ports.site | mib}}\"]",
        key: "services.web.exec[1]", "'{{ports.site | mib}}': the filter goes with a setting of type size"),
      Refusal(
        "container: { image: \"{{settings.image}}\" }", "container: { image: \"{{settings.image | ident}}\" }",
        key: "services.check.container.image", "'{{settings.image | ident}}': a filter cannot stand here"),
    ])
  func filters(_ refusal: Refusal) throws { try refusal.check() }

  @Test("an instance has the routes whose condition holds, to ports that it has")
  func enabled() {
    let manifest = Sample.manifest
    func ids(_ values: [String: Value]) -> [String] { manifest.enabledRoutes(values).map(\.id) }
    #expect(ids(["mode": .text("fast"), "web": .boolean(true)]) == ["page"])
    #expect(ids(["mode": .text("slow"), "web": .boolean(true)]) == [])
    #expect(ids(["mode": .text("fast"), "web": .boolean(false)]) == [])
  }

  @Test(
    "a folder is a path that is the same in every proxy's configuration",
    arguments: [
      ("/srv/www", true), ("/srv/with space #1 é%20", true), ("/", false), ("srv", false), ("/a/../b", false),
      ("/a\nb", false), ("/a`b", false), ("/a{$HOME}", false), ("/a\"b", false), ("/a'b", false), ("/a\\", false),
      ("/a;b", false), ("/a$b", false), ("/a*", false), ("", false),
    ])
  func folders(_ text: String, _ isGood: Bool) { #expect(Route.isFolder(text) == isGood) }

  @Test("a pool is called by one plain word", arguments: ["", "A", "a b", "../x", "a_b", "-a", "a*"])
  func pools(_ name: String) {
    #expect(throws: BerthError.self) { try PoolName.checked(name) }
    #expect((try? PoolName.checked("tv-2")) == "tv-2")
  }
}
