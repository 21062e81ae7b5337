import BerthKit
import BerthQuery

extension Berth {
  /// Between two looks at the processor time.
  private static let moment = Duration.milliseconds(250)

  /// What instances take now: two questions to the manager, however many they are, and a third for the processes of one.
  ///
  /// The server of a single instance that runs is asked for its players; one that does not answer leaves them unknown.
  public func metrics(of records: [InstanceRecord]) async throws -> [InstanceMetrics] {
    guard !records.isEmpty else { return [] }
    let reports = try await reports(records, withProcesses: records.count == 1)
    let units = reports.flatMap { $0.services.filter { $0.status == .running }.map(\.unit) }
    let meter = units.isEmpty ? { [:] } : try await host.manager.meter(of: units)
    let before = meter()
    let start = ContinuousClock.now
    async let disks = disks(records)
    let server = records.count == 1 && reports[0].status == .running ? try? await players(of: records[0]).server : nil
    var passed = ContinuousClock.now - start
    if passed < Self.moment, !units.isEmpty {
      try await Task.sleep(for: Self.moment - passed)
      passed = ContinuousClock.now - start
    }
    let now = meter()
    let seconds = (passed / .seconds(1)) * Double(environment.processorCount)
    let used = await disks
    return reports.map { report in
      InstanceMetrics(
        record: report.record, status: report.status,
        services: report.services.map { service in
          let usage = now[service.unit]
          let spent = usage?.processor.flatMap { now in before[service.unit]?.processor.map { now - $0 } }
          return InstanceMetrics.ServiceMetrics(
            name: service.name, unit: service.unit, status: service.status, mainPID: service.mainPID,
            memory: usage?.memory, processors: spent.map { min(1, max(0, $0 / seconds)) },
            processorTime: usage?.processor, tasks: usage?.tasks)
        }, disk: used[report.record.uid], server: server)
    }
  }

  /// What the folders of instances take, by uid; those that cannot be read are left out.
  private func disks(_ records: [InstanceRecord]) async -> [String: Int64] {
    await withTaskGroup(of: [(String, Int64?)].self) { group in
      // A few at once: what a disk has to look for takes its time.
      for lane in 0..<4 {
        group.addTask {
          stride(from: lane, to: records.count, by: 4).map { number in
            let own = paths.own(records[number])
            let folders = ScopePaths.ownFolders.map { host.files.usedBytes("\(own)/\($0)") }
            return (records[number].uid, folders.contains(nil) ? nil : folders.compactMap { $0 }.reduce(0, +))
          }
        }
      }
      var found: [String: Int64] = [:]
      for await part in group { for (uid, bytes) in part { found[uid] = bytes } }
      return found
    }
  }
}
