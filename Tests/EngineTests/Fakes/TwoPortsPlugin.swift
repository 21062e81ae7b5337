import BerthKit

/// An app with two port roles that have nothing to do with each other.
struct TwoPortsPlugin: AppPlugin {
  var manifest: Manifest {
    Manifest(
      id: "twoports", name: "Two ports", summary: "Two ports", category: .other, version: "1",
      ports: [PortRole("a", [.tcp], default: 600), PortRole("b", [.tcp], default: 700)],
      services: [Service(exec: ["/usr/bin/true"])])
  }
}
