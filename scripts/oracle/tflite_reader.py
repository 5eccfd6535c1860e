"""What the checks need to know about a .tflite file: its interface, operators and live ranges."""
from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import flatbuffers
import numpy as np
from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as schema

from tflite_writer import OPERATOR_NAMES

DTYPES = {schema.TensorType.FLOAT32: "float32", schema.TensorType.INT8: "int8",
          schema.TensorType.UINT8: "uint8", schema.TensorType.INT16: "int16",
          schema.TensorType.INT32: "int32", schema.TensorType.INT64: "int64",
          schema.TensorType.BOOL: "bool", schema.TensorType.RESOURCE: "resource"}

# Operators that move no data: their output can be their input's storage.
RESHAPE_LIKE = {"RESHAPE", "SQUEEZE", "EXPAND_DIMS"}


@dataclass
class TensorInfo:
    name: str
    shape: tuple[int, ...]
    dtype: str
    scale: float
    zero_point: int
    constant: bool

    @property
    def bytes(self) -> int:
        if self.dtype == "resource":
            return 0
        return int(np.prod(self.shape, dtype=np.int64)) * np.dtype(self.dtype).itemsize


@dataclass
class OperatorInfo:
    name: str
    inputs: list[int]
    outputs: list[int]


class Model:
    """The first subgraph of a .tflite file."""

    def __init__(self, path: Path):
        self.path = Path(path)
        self.name = self.path.stem
        self.data = self.path.read_bytes()
        table = schema.ModelT.InitFromPackedBuf(self.data, 0)
        graph = table.subgraphs[0]
        self.tensors = [self._tensor(t, table.buffers) for t in graph.tensors]
        self.inputs = [int(i) for i in graph.inputs]
        self.outputs = [int(i) for i in graph.outputs]
        self.operators = []
        for operator in graph.operators:
            code = table.operatorCodes[operator.opcodeIndex]
            name = OPERATOR_NAMES[max(code.builtinCode, code.deprecatedBuiltinCode)]
            self.operators.append(OperatorInfo(name, self._indices(operator.inputs),
                                               self._indices(operator.outputs)))

    @classmethod
    def with_every_tensor(cls, model: Model, path: Path) -> Model:
        """Writes the model again, with every activation that an operator makes as an output."""
        table = schema.ModelT.InitFromPackedBuf(model.data, 0)
        table.subgraphs[0].outputs = [
            i for operator in model.operators for i in operator.outputs
            if model.tensors[i].dtype != "resource"]
        table.signatureDefs = None  # they name the outputs as they were
        builder = flatbuffers.Builder(len(model.data))
        builder.Finish(table.Pack(builder), b"TFL3")
        path.write_bytes(builder.Output())
        opened = cls(path)
        opened.name = model.name
        return opened

    @staticmethod
    def _indices(values) -> list[int]:
        return [int(i) for i in (values if values is not None else []) if i >= 0]

    @staticmethod
    def _tensor(t, buffers) -> TensorInfo:
        data = buffers[t.buffer].data
        quantization = t.quantization
        scaled = quantization is not None and quantization.scale is not None
        return TensorInfo((t.name or b"").decode("utf-8", "replace"),
                          tuple(int(d) for d in (t.shape if t.shape is not None else [])),
                          DTYPES.get(t.type, "float32"),
                          float(quantization.scale[0]) if scaled else 0.0,
                          int(quantization.zeroPoint[0]) if scaled else 0,
                          data is not None and len(data) > 0)

    @property
    def is_int8(self) -> bool:
        return all(self.tensors[i].dtype in ("int8", "uint8") for i in self.inputs)

    @property
    def is_streaming(self) -> bool:
        return any(operator.name == "VAR_HANDLE" for operator in self.operators)

    def variable_bytes(self) -> int:
        """Bytes of the resource variables, which live from one invocation to the next."""
        sizes = {}
        for operator in self.operators:
            if operator.name == "ASSIGN_VARIABLE":
                sizes[operator.inputs[0]] = self.tensors[operator.inputs[1]].bytes
        return sum(sizes.values())

    def activation_bound(self) -> int:
        """The layer-by-layer lower bound of activation memory in bytes: the largest sum, over
        the operators, of all activations alive there (inputs, outputs, and whatever a later
        operator still reads). RESHAPE and its like share storage, nothing works in place,
        variables are not counted."""
        storage: dict[int, int] = {}
        lives: dict[int, list[int]] = {}

        def touch(index, step):
            while index in storage:
                index = storage[index]
            lives.setdefault(index, [step, step])[1] = step

        last = len(self.operators) - 1
        for index in self.inputs:
            touch(index, 0)
        for step, operator in enumerate(self.operators):
            for index in operator.inputs:
                if not self.tensors[index].constant:
                    touch(index, step)
            for index in operator.outputs:
                if operator.name in RESHAPE_LIKE:
                    storage[index] = operator.inputs[0]
                touch(index, step)
        for index in self.outputs:
            touch(index, last)
        return max(sum(self.tensors[i].bytes for i, (first, end) in lives.items()
                       if first <= step <= end) for step in range(len(self.operators)))
