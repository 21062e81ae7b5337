extension Manifest {
  public func selectedSets(_ variables: Variables) throws -> [SelectedSet] { [] }
}
