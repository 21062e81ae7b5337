/// How much an archive from elsewhere may unpack to: a small one fills no disk.
struct Expansion {
  /// Any archive may have so many bytes: 1 GiB.
  var always: Int64 = 1 << 30
  /// How many times its own size beyond that. Real data is seldom packed to less than a twentieth.
  var times: Int64 = 100

  /// - Parameter size: of the archive, in bytes.
  func most(of size: Int64) -> Int64 {
    let (product, overflow) = size.multipliedReportingOverflow(by: times)
    return max(always, overflow ? .max : product)
  }
}
