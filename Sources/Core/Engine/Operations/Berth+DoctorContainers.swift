import BerthKit

extension Berth {
  /// Podman's instances that the packet filter cuts off from other hosts, all with one finding.
  private func forwardFindings(_ records: [InstanceRecord]) async -> [Finding] {
    guard records.contains(where: { $0.images.values.contains { $0.runner == .podman } }) else { return [] }
    let commands = await host.ports.missingForwards()
    guard !commands.isEmpty else { return [] }
    return [
      Finding(
        code: "cut-off", subject: "podman",
        problem:
          "Docker has the host drop what it forwards, and no rule lets through what is Podman's: instances reach no "
          + "other host, and none reaches their ports",
        remedy: .prose(
          commands.map(\.line).joined(separator: "; ")
            + "; the rules last until the host boots, unless its packet filter keeps them"))
    ]
  }

  /// Containers whose units run and that are no use, and images that are gone. Each engine is asked once for either.
  func containerFindings(_ records: [InstanceRecord], _ states: [String: UnitState]) async -> [Finding] {
    let contained = records.filter { !$0.images.isEmpty }
    guard !contained.isEmpty else { return [] }
    let engines = await host.engineAnswers(for: contained)
    var findings = await forwardFindings(contained)
    findings += contained.flatMap { record in
      record.containers(paths).compactMap { own -> Finding? in
        guard Status(states[own.unit]) == .running,
          let complaint = engines.condition(of: own).flatMap(own.complaint)
        else { return nil }
        return Finding(
          code: complaint.code, subject: record.title, problem: complaint.problem, remedy: complaint.remedy(record))
      }
    }
    for engine in Set(contained.flatMap { $0.images.values.map(\.runner) }).sorted(by: {
      "\($0)" < "\($1)"
    }) {
      guard let images = try? await host.containers[engine].images() else { continue }
      let known = Set(images.map(\.id))
      for record in contained {
        let gone = record.images.values.filter { pin in
          pin.runner == engine && pin.id.map { !known.contains($0) } ?? false
        }
        for reference in Set(gone.map(\.reference)).sorted() {
          findings.append(
            Finding(
              code: "image-gone", subject: record.title,
              problem: "the image \(reference) that it runs is gone; it will not start again",
              remedy: .berth("update", record.key.app, "--instance", "\(record.key.id)")))
        }
      }
    }
    return findings
  }
}
