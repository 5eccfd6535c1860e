import Inference
import LinuxPlatform
import ModelFormat

/// Maps a model file, its failures in words.
package func mapModel(_ path: FilePath) throws(CommandFailure) -> MappedFile {
  try naming(path) { () throws(PlatformError) in try MappedFile(path) }
}

/// Checks a mapped model.
@_lifetime(borrow file)
package func loadModel(_ file: borrowing MappedFile, _ path: FilePath) throws(CommandFailure)
  -> Model
{
  do throws(ModelError) {
    return try Model(file.bytes)
  } catch {
    throw CommandFailure(error, file: path)
  }
}

/// Takes the memory of a model's engine.
package func allocateArena(for model: Model, _ path: FilePath) throws(CommandFailure)
  -> MemoryRegion
{
  try allocate(Engine.memoryByteCount(for: model), for: path)
}

/// Makes the engine of a model in an arena, to run on `threads`, which must outlive it.
@_lifetime(copy model, &arena)
package func makeEngine(
  _ model: Model, _ arena: inout MemoryRegion, threads: borrowing ThreadTeam, _ path: FilePath
) throws(CommandFailure) -> Engine {
  let kernels = try KernelSelection.fromEnvironment()
  do throws(ModelError) {
    return try Engine(model, arena: arena.mutableBytes, kernels: kernels, workers: .of(threads))
  } catch {
    throw CommandFailure(error, file: path)
  }
}

/// Takes memory from the system, once, before the work.
package func allocate(_ byteCount: Int, for path: FilePath) throws(CommandFailure) -> MemoryRegion {
  try naming(path) { () throws(PlatformError) in try MemoryRegion(byteCount: byteCount) }
}
