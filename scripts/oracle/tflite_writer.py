"""Writes small TensorFlow Lite models (FlatBuffer schema v3) from Python.

A `ModelWriter` collects subgraphs; a `SubgraphWriter` collects tensors and operators in
execution order. Nothing is inferred: every shape, scale and option is what the caller says,
so that a generator can also write models that a runtime ought to refuse.
"""
from __future__ import annotations

from dataclasses import dataclass

import flatbuffers
import numpy as np
from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as schema

OPERATOR_NAMES = {code: name for name, code in vars(schema.BuiltinOperator).items()
                  if isinstance(code, int)}

TENSOR_TYPES = {
    "int8": schema.TensorType.INT8, "uint8": schema.TensorType.UINT8,
    "int32": schema.TensorType.INT32, "int64": schema.TensorType.INT64,
    "float32": schema.TensorType.FLOAT32, "resource": schema.TensorType.RESOURCE,
}

ACTIVATIONS = {
    "NONE": schema.ActivationFunctionType.NONE, "RELU": schema.ActivationFunctionType.RELU,
    "RELU6": schema.ActivationFunctionType.RELU6,
    "RELU_N1_TO_1": schema.ActivationFunctionType.RELU_N1_TO_1,
}

# Operators whose option table is not named after them word for word.
_OPTION_TABLES = {
    "CONV_2D": "Conv2DOptions", "DEPTHWISE_CONV_2D": "DepthwiseConv2DOptions",
    "AVERAGE_POOL_2D": "Pool2DOptions", "MAX_POOL_2D": "Pool2DOptions",
    "MEAN": "ReducerOptions", "PADV2": "PadV2Options", "SPLIT_V": "SplitVOptions",
    "MAXIMUM": "MaximumMinimumOptions", "MINIMUM": "MaximumMinimumOptions",
    "LOGISTIC": None, "TANH": None, "RELU": None, "RELU6": None,
}


def option_table(operator: str) -> str | None:
    """The name of the schema's option table for an operator, or None where it has none."""
    if operator in _OPTION_TABLES:
        return _OPTION_TABLES[operator]
    return "".join(word.capitalize() for word in operator.split("_")) + "Options"


@dataclass(frozen=True)
class Tensor:
    """A tensor of one subgraph. Scales and zero points have one entry, or one a channel."""
    index: int
    shape: tuple[int, ...]
    dtype: str
    scales: tuple[float, ...] = ()
    zero_points: tuple[int, ...] = ()

    @property
    def scale(self) -> float:
        return self.scales[0]

    @property
    def zero_point(self) -> int:
        return self.zero_points[0]

    @property
    def elements(self) -> int:
        return int(np.prod(self.shape, dtype=np.int64))


class SubgraphWriter:
    def __init__(self, model: ModelWriter, name: str):
        self.model = model
        self.table = schema.SubGraphT()
        self.table.name = name
        self.table.tensors, self.table.operators = [], []
        self.table.inputs, self.table.outputs = [], []

    def tensor(self, shape, dtype="int8", scales=None, zero_points=0, data=None,
               channel_axis=0, name=None) -> Tensor:
        """Adds a tensor; `data` makes it a constant. Scales are rounded to float32 here."""
        if dtype == "resource":
            shape = ()
        t = schema.TensorT()
        t.shape = [int(d) for d in shape]
        t.type = TENSOR_TYPES[dtype]
        t.name = name or f"tensor_{len(self.table.tensors)}"
        t.buffer = 0 if data is None else self.model.buffer(
            np.ascontiguousarray(data, dtype=dtype).tobytes())
        stored_scales, stored_zero_points = (), ()
        if scales is not None:
            stored_scales = tuple(float(s) for s in np.atleast_1d(np.float32(scales)))
            zero_points = np.broadcast_to(zero_points, len(stored_scales))
            stored_zero_points = tuple(int(z) for z in zero_points)
            t.quantization = schema.QuantizationParametersT()
            t.quantization.scale = list(stored_scales)
            t.quantization.zeroPoint = list(stored_zero_points)
            t.quantization.quantizedDimension = channel_axis
        self.table.tensors.append(t)
        return Tensor(len(self.table.tensors) - 1, tuple(t.shape), dtype,
                      stored_scales, stored_zero_points)

    def indices(self, values) -> Tensor:
        """An int32 constant: axes, shapes, paddings, begins. A number makes a scalar."""
        values = np.asarray(values, np.int32)
        return self.tensor(values.shape, "int32", data=values)

    def operator(self, name: str, inputs, outputs, **options):
        """Appends an operator. `None` among the inputs is an omitted optional tensor (-1)."""
        op = schema.OperatorT()
        op.opcodeIndex = self.model.operator_code(name)
        op.inputs = [-1 if t is None else t.index for t in inputs]
        op.outputs = [t.index for t in outputs]
        table = option_table(name)
        if table is not None:
            op.builtinOptionsType = getattr(schema.BuiltinOptions, table)
            op.builtinOptions = getattr(schema, table + "T")()
            for field, value in options.items():
                if not hasattr(op.builtinOptions, field):
                    raise AttributeError(f"{table} has no field {field}")
                setattr(op.builtinOptions, field, value)
        self.table.operators.append(op)

    def interface(self, inputs, outputs):
        self.table.inputs = [t.index for t in inputs]
        self.table.outputs = [t.index for t in outputs]


class ModelWriter:
    def __init__(self, description: str):
        self.table = schema.ModelT()
        self.table.version = 3
        self.table.description = description
        self.table.operatorCodes, self.table.subgraphs = [], []
        self.table.buffers = [schema.BufferT()]  # buffer 0 is empty by convention
        self._code_indices: dict[str, int] = {}

    def subgraph(self, name: str) -> SubgraphWriter:
        writer = SubgraphWriter(self, name)
        self.table.subgraphs.append(writer.table)
        return writer

    def buffer(self, data: bytes) -> int:
        b = schema.BufferT()
        b.data = np.frombuffer(data, np.uint8)
        self.table.buffers.append(b)
        return len(self.table.buffers) - 1

    def operator_code(self, name: str) -> int:
        if name not in self._code_indices:
            code = schema.OperatorCodeT()
            code.builtinCode = getattr(schema.BuiltinOperator, name)
            # Readers older than the wide code field look at this one; 127 says "see the other".
            code.deprecatedBuiltinCode = min(code.builtinCode, 127)
            code.version = 1
            self._code_indices[name] = len(self.table.operatorCodes)
            self.table.operatorCodes.append(code)
        return self._code_indices[name]

    def to_bytes(self) -> bytes:
        builder = flatbuffers.Builder(4096)
        builder.Finish(self.table.Pack(builder), b"TFL3")
        return bytes(builder.Output())
