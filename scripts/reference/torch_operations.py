#!/usr/bin/env python3
"""Golden arrays for Tests/TorchTests: what PyTorch itself gives for every operation of CShims/CTorch/include/ctorch.h.

    python scripts/reference/torch_operations.py        # needs torch (2.13.0 made the committed files) and safetensors

writes into Tests/Fixtures/torch/:
  operations.json         the cases: {"op", "inputs", "parameters", "outputs", "gradients", "autocast"}; numbers name tensors
  operations.safetensors  those tensors, each stored once
  sequences.safetensors   ten steps of torch.optim.AdamW, and draws from seeded generators

`op` is the C function without ct_. Gradients are of sum(output * seed(output)) over the floating outputs.
"""

import json
import pathlib

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

OUT = pathlib.Path(__file__).resolve().parents[2] / "Tests/Fixtures/torch"
F32, F64, BF16, I64, BOOL = torch.float32, torch.float64, torch.bfloat16, torch.int64, torch.bool
torch.set_num_threads(1)

pool, numbers, cases = {}, {}, []


def keep(tensor):
    """The number of a tensor in operations.safetensors; equal tensors share one."""
    tensor = tensor.detach().contiguous().clone()
    key = (tensor.dtype, tuple(tensor.shape), tensor.view(-1).view(torch.uint8).numpy().tobytes() if tensor.numel() else b"")
    if key not in numbers:
        numbers[key] = len(numbers)
        pool[str(numbers[key])] = tensor
    return numbers[key]


def seed(output):
    """A gradient to start from that any language computes exactly: (7i mod 11 - 5) / 8."""
    return ((torch.arange(output.numel()) * 7 % 11 - 5) / 8).reshape(output.shape).to(output.dtype)


def case(op, *inputs, autocast=False, **parameters):
    """Runs one operation forward and, where it is differentiable, backward, and keeps everything."""
    fixed = CONSTANTS.get(op, [])
    leaves = [x if x is None else x.detach().clone().requires_grad_(x.is_floating_point() and i not in fixed) for i, x in enumerate(inputs)]
    # An operation in place works on a copy, so that the leaf still gets its gradient.
    arguments = [x.clone() if op.endswith("_") and x is not None else x for x in leaves]
    if op.startswith("foreach"):
        for x in arguments:
            x.detach_()
    with torch.autocast("cpu", dtype=BF16, enabled=autocast):
        outputs = OPERATIONS[op](*arguments, **parameters)
    outputs = list(outputs) if isinstance(outputs, (tuple, list)) else [outputs]
    flowing = [o for o in outputs if o.requires_grad]
    gradients = None
    if flowing:
        sum((o * seed(o)).sum() for o in flowing).backward()
        gradients = [None if x is None or x.grad is None else keep(x.grad) for x in leaves]
    row = {"op": op, "inputs": [None if x is None else keep(x) for x in inputs], "outputs": [keep(o) for o in outputs]}
    if parameters:
        row["parameters"] = parameters
    if gradients:
        row["gradients"] = gradients
    if autocast:
        row["autocast"] = True
    cases.append(row)


def normal(*shape, dtype=F32, which=0):
    """The same numbers for the same arguments, so that cases share inputs."""
    generator = torch.Generator().manual_seed(1000 * which + sum((i + 1) * n for i, n in enumerate(shape)))
    return torch.randn(shape, generator=generator, dtype=F64).to(dtype)


def positive(*shape, dtype=F32, which=0):
    return normal(*shape, dtype=dtype, which=which).abs() + 0.25

def integers(high, *shape, which=0):
    generator = torch.Generator().manual_seed(which + sum(shape))
    return torch.randint(high, shape, generator=generator)

def truths(*shape, which=0):
    return integers(2, *shape, which=which).bool()


# ---- What each C function is in PyTorch. Inputs are positional, parameters are keywords. ----

DTYPES = {name: getattr(torch, name) for name in "uint8 int8 int16 int32 int64 float16 bfloat16 float32 float64 bool".split()}
CONSTANTS = {"cross_entropy": [2], "binary_cross_entropy_with_logits": [2, 3], "multinomial": [0]}  # inputs without gradient
UNARY = """neg abs exp expm1 log log1p sqrt rsqrt square reciprocal sin cos tanh sigmoid relu erf sign floor ceil round
isfinite isnan isinf logical_not bitwise_not clone detach zeros_like ones_like nonzero""".split()
BINARY = """add sub mul div pow remainder maximum minimum eq ne lt le gt ge logical_and logical_or bitwise_and bitwise_or
matmul mm bmm mv dot outer""".split()
SCALAR = "add sub mul div pow remainder eq ne lt le gt ge".split()


def number(value):
    """Whole numbers do not promote an integer tensor, as in the shim."""
    return int(value) if float(value).is_integer() else value

def generator_of(number):
    return torch.Generator().manual_seed(number)

def over(function):
    return lambda x, dims, keep: function(x, dim=tuple(dims) if dims else tuple(range(x.dim())), keepdim=keep)

def halves(function):
    """Foreach operations: the first half of the inputs are the selves, and the results."""
    def run(*tensors, **parameters):
        n = len(tensors) // 2
        function(tensors[:n], tensors[n:], **parameters)
        return tensors[:n]
    return run

def selves(function):
    def run(*tensors, **parameters):
        function(tensors, **parameters)
        return tensors
    return run

def times_last(*tensors):
    torch._foreach_mul_(tensors[:-1], tensors[-1])
    return tensors[:-1]


OPERATIONS = {
    **{name: getattr(torch, name) for name in UNARY},
    "log_sigmoid": F.logsigmoid, "silu": F.silu, "softplus": F.softplus, "contiguous": lambda x: x.contiguous(),
    **{name: getattr(torch, name) for name in BINARY},
    **{f"{name}_scalar": (lambda f: lambda x, value: f(x, number(value)))(getattr(torch, name)) for name in SCALAR},
    "rsub_scalar": lambda x, value: value - x, "rdiv_scalar": lambda x, value: value / x,
    "radd_scalar": lambda x, value: value + x, "rmul_scalar": lambda x, value: value * x,
    **{f"{name}_": (lambda n: lambda x, y: getattr(x, n + "_")(y))(name) for name in "add sub mul div copy".split()},
    **{f"{name}_scalar_": (lambda n: lambda x, value: getattr(x, n + "_")(number(value)))(name) for name in "add sub mul div fill".split()},
    "add_scaled_": lambda x, y, alpha: x.add_(y, alpha=number(alpha)), "lerp_": lambda x, y, weight: x.lerp_(y, weight),
    "clamp": lambda x, low=None, high=None: x.clamp(low, high),
    **{name: over(getattr(torch, name)) for name in "sum mean amax amin logsumexp all any".split()},
    "var": lambda x, dims, keep, correction: torch.var(x, dim=dims or None, correction=correction, keepdim=keep),
    "norm": lambda x, dims, keep, p: torch.norm(x, p, dim=dims or None, keepdim=keep),
    "softmax": torch.softmax, "log_softmax": torch.log_softmax, "cumsum": torch.cumsum,
    "argmax": lambda x, dim, keep: torch.argmax(x, dim, keep), "argmin": lambda x, dim, keep: torch.argmin(x, dim, keep),
    "topk": lambda x, k, dim, largest: torch.topk(x, k, dim, largest),
    "sort": lambda x, dim, descending: torch.sort(x, stable=True, dim=dim, descending=descending),
    "max_along": lambda x, dim, keep: torch.max(x, dim, keep),
    "addmm": torch.addmm, "baddbmm": torch.baddbmm, "einsum": lambda *x, equation: torch.einsum(equation, *x),
    "where": torch.where, "masked_fill": lambda x, mask, value: x.masked_fill(mask, value),
    # shape.cpp
    "reshape": lambda x, sizes: x.reshape(sizes), "view": lambda x, sizes: x.view(sizes), "expand": lambda x, sizes: x.expand(sizes),
    "permute": lambda x, sizes: x.permute(sizes), "repeat": lambda x, sizes: x.repeat(sizes), "flip": lambda x, sizes: x.flip(sizes),
    "transpose": lambda x, a, b: x.transpose(a, b), "squeeze": lambda x, dim: x.squeeze(dim), "unsqueeze": lambda x, dim: x.unsqueeze(dim),
    "flatten": lambda x, first, last: x.flatten(first, last), "repeat_interleave": lambda x, count, dim: x.repeat_interleave(count, dim),
    "roll": lambda x, shift, dim: x.roll(shift, dim), "pad": lambda x, sizes, value: F.pad(x, sizes, value=value),
    "tril": lambda x, diagonal: x.tril(diagonal), "triu": lambda x, diagonal: x.triu(diagonal),
    "cat": lambda *x, dim: torch.cat(x, dim), "stack": lambda *x, dim: torch.stack(x, dim),
    "split": lambda x, sizes, dim: x.split(sizes, dim), "narrow": lambda x, dim, start, length: x.narrow(dim, start, length),
    "slice": lambda x, dim, start, end, step: torch.ops.aten.slice(x, dim, start, end, step),
    "select": lambda x, dim, index: x.select(dim, index), "index_select": lambda x, i, dim: x.index_select(dim, i),
    "gather": lambda x, i, dim: x.gather(dim, i), "scatter": lambda x, i, s, dim: x.scatter(dim, i, s),
    "scatter_add": lambda x, i, s, dim: x.scatter_add(dim, i, s), "index_add": lambda x, i, s, dim: x.index_add(dim, i, s),
    "index_copy_": lambda x, i, s, dim: x.index_copy_(dim, i, s),
    "index": lambda x, *i: torch.ops.aten.index(x, i), "masked_select": torch.masked_select,
    "index_put_": lambda x, values, *i, accumulate: torch.ops.aten.index_put_(x, i, values, accumulate),
    "one_hot": lambda x, classes: F.one_hot(x, classes),
    # nn.cpp
    "linear": F.linear, "embedding": lambda w, i, padding: torch.embedding(w, i, padding), "mse_loss": F.mse_loss,
    "layer_norm": lambda x, w, b, epsilon: F.layer_norm(x, x.shape[-1:], w, b, epsilon),
    "rms_norm": lambda x, w, epsilon: F.rms_norm(x, x.shape[-1:], w, epsilon),
    "scaled_dot_product_attention": lambda q, k, v, mask, causal=False, scale=None, grouped=False: F.scaled_dot_product_attention(
        q, k, v, mask, is_causal=causal, scale=scale, enable_gqa=grouped),
    "gelu": lambda x, tanh: F.gelu(x, approximate="tanh" if tanh else "none"), "dropout": lambda x, p, train: F.dropout(x, p, train),
    "cross_entropy": lambda x, y, w, reduction="mean", ignoring=-100, smoothing=0.0: F.cross_entropy(
        x, y, w, reduction=reduction, ignore_index=ignoring, label_smoothing=smoothing),
    "binary_cross_entropy_with_logits": lambda x, y, w, pw, reduction="mean": F.binary_cross_entropy_with_logits(
        x, y, w, pos_weight=pw, reduction=reduction),
    # tensor.cpp
    "full": lambda sizes, value, dtype: torch.full(sizes, number(value), dtype=DTYPES[dtype]),
    "arange": lambda start, end, step, dtype: torch.arange(number(start), number(end), number(step), dtype=DTYPES[dtype]),
    "eye": lambda n, dtype: torch.eye(n, dtype=DTYPES[dtype]), "to_dtype": lambda x, dtype: x.to(DTYPES[dtype]),
    "equal": lambda a, b: torch.tensor(a.dtype == b.dtype and torch.equal(a, b)),
    "rand": lambda sizes, seed, dtype: torch.rand(sizes, generator=generator_of(seed), dtype=DTYPES[dtype]),
    "randn": lambda sizes, seed, dtype: torch.randn(sizes, generator=generator_of(seed), dtype=DTYPES[dtype]),
    "randint": lambda low, high, sizes, seed: torch.randint(low, high, sizes, generator=generator_of(seed)),
    "randperm": lambda n, seed: torch.randperm(n, generator=generator_of(seed)),
    "bernoulli": lambda p, seed: torch.bernoulli(p, generator=generator_of(seed)).detach(),
    "multinomial": lambda p, count, replacement, seed: torch.multinomial(p, count, replacement, generator=generator_of(seed)),
    # foreach.cpp
    "foreach_add_": halves(lambda a, b, alpha: torch._foreach_add_(a, b, alpha=number(alpha))),
    "foreach_copy_": halves(torch._foreach_copy_), "foreach_mul_scalar_": selves(torch._foreach_mul_),
    "foreach_mul_tensor_": times_last, "foreach_zero_": selves(torch._foreach_zero_), "foreach_norm": lambda *x, p: torch._foreach_norm(x, p),
}


def element_wise():
    inside = {"log": positive, "sqrt": positive, "rsqrt": positive, "reciprocal": positive, "log1p": positive}
    special = torch.tensor([0.0, -0.0, 1.5, -2.5, 0.5, float("inf"), -float("inf"), float("nan")])
    for op in [*UNARY, "log_sigmoid", "silu", "softplus", "contiguous"]:
        if op == "bitwise_not":
            case(op, integers(9, 3, 5))
            case(op, truths(2, 3))
            continue
        make = inside.get(op, normal)
        for shape in [(3, 5), (37,), (), (0, 3)]:
            case(op, make(*shape))
        case(op, make(3, 5, dtype=F64))
        if op in "isfinite isnan isinf logical_not floor ceil round sign nonzero relu abs neg".split():
            case(op, special)
    for op in "add sub mul div maximum minimum pow remainder eq ne lt le gt ge logical_and logical_or".split():
        make = positive if op in ("pow", "div", "remainder") else normal
        for shapes in [((3, 5), (3, 5)), ((2, 1, 5), (3, 1)), ((37,), ()), ((0, 3), (3,))]:
            case(op, make(*shapes[0]), make(*shapes[1], which=1))
        case(op, make(3, 5, dtype=F64), make(5, dtype=F64, which=1))
        case(op, integers(5, 2, 3), 1 + integers(4, 3, which=1))
    case("add", normal(3), normal(2, 3, dtype=F64))  # promotion
    case("mul", normal(2, 3), truths(2, 3))
    for op in ["bitwise_and", "bitwise_or"]:
        case(op, integers(16, 3, 5), integers(16, 5, which=1))
        case(op, truths(2, 3), truths(2, 1, which=1))
    for op in SCALAR:
        make = positive if op == "pow" else normal
        for x in [make(3, 5), make(7, dtype=F64), make(0, 3)]:
            case(f"{op}_scalar", x, value=2.5 if op != "remainder" else 0.75)
        case(f"{op}_scalar", integers(5, 2, 3), value=2.0)
        case(f"{op}_scalar", integers(5, 2, 3), value=0.5 if op in ("mul", "add", "sub", "div") else 3.0)
    for op in ["rsub_scalar", "rdiv_scalar", "radd_scalar", "rmul_scalar"]:
        case(op, positive(3, 5), value=1.75)
    for op in "add sub mul div copy".split():
        case(f"{op}_", normal(3, 5), positive(5, which=1))
        case(f"{op}_", normal(3, 5, dtype=F64), positive(3, 1, dtype=F64, which=1))
    for op in "add sub mul div fill".split():
        case(f"{op}_scalar_", normal(3, 5), value=-1.5)
        case(f"{op}_scalar_", normal(3, 5, dtype=F64), value=3.0)
    case("fill_scalar_", normal(3), value=-0.0)
    case("mul_scalar", positive(3), value=-0.0)
    case("copy_", normal(3, 5), integers(9, 5))
    case("add_scaled_", normal(3, 5), normal(5, which=1), alpha=-0.5)
    case("add_scaled_", integers(5, 4), integers(5, 4, which=1), alpha=3.0)
    case("lerp_", normal(3, 5), normal(3, 5, which=1), weight=0.1)
    case("lerp_", normal(3, 5, dtype=F64), normal(3, 5, dtype=F64, which=1), weight=0.9)
    case("clamp", normal(3, 5), low=-0.5)
    case("clamp", normal(3, 5), high=0.5)
    case("clamp", normal(3, 5, dtype=F64), low=-0.25, high=0.5)
    case("clamp", integers(9, 7), low=2, high=5)
    case("where", truths(3, 5), normal(3, 5), normal(5, which=1))
    case("where", truths(3, 1), normal(5, dtype=F64), normal(3, 5, dtype=F64, which=1))
    case("masked_fill", normal(2, 3, 5), truths(3, 5), value=-float(2**20))
    case("masked_fill", normal(3, 5, dtype=F64), truths(5), value=0.125)


def reductions():
    for op in "sum mean amax amin logsumexp all any".split():
        for dims in [[], [-1], [0, 2]]:
            for keep in [False, True]:
                case(op, normal(2, 3, 5), dims=dims, keep=keep)
        case(op, normal(37, dtype=F64), dims=[], keep=False)
        case(op, normal(0, 3), dims=[-1], keep=True)
    case("sum", normal(0, 3), dims=[], keep=False)
    case("sum", integers(9, 4), dims=[], keep=False)
    case("all", truths(3, 5), dims=[1], keep=False)
    case("any", truths(3, 5), dims=[0], keep=False)
    for dims, keep in [([], False), ([], True), ([1], False), ([0, -1], True)]:
        for correction in [0, 1]:
            case("var", normal(3, 4, 5), dims=dims, keep=keep, correction=correction)
        for p in [1.0, 2.0, 3.0]:
            case("norm", normal(3, 4, 5, dtype=F64), dims=dims, keep=keep, p=p)
    for op in ["softmax", "log_softmax", "cumsum"]:
        for x, dim in [(normal(3, 5), -1), (normal(2, 3, 5), 1), (normal(2, 3, 5, dtype=F64), 0), (normal(0, 3), 1), (normal(1, 37), 1)]:
            case(op, x, dim=dim)
    for op in ["argmax", "argmin", "max_along"]:
        case(op, normal(3, 5), dim=-1, keep=False)
        case(op, normal(2, 3, 5, dtype=F64), dim=1, keep=True)
        case(op, torch.tensor([[2, 7, 7, 1], [1, 1, 3, 3]]), dim=1, keep=False)  # ties: the first
    case("topk", normal(3, 5), k=2, dim=-1, largest=True)
    case("topk", normal(3, 5, dtype=F64), k=3, dim=0, largest=False)
    case("topk", normal(37), k=37, dim=0, largest=True)
    case("sort", normal(3, 5), dim=-1, descending=False)
    case("sort", normal(3, 5, dtype=F64), dim=0, descending=True)
    case("sort", integers(3, 17), dim=0, descending=True)  # ties keep their order


def products():
    shapes = {
        "matmul": [((3, 5), (5, 4)), ((5,), (5,)), ((2, 1, 3, 5), (4, 5, 2)), ((0, 5), (5, 3)), ((3, 0), (0, 2))],
        "mm": [((3, 5), (5, 4)), ((17, 13), (13, 19)), ((0, 5), (5, 3))], "bmm": [((2, 3, 5), (2, 5, 4)), ((0, 3, 5), (0, 5, 4))],
        "mv": [((3, 5), (5,)), ((0, 5), (5,))], "dot": [((7,), (7,)), ((0,), (0,))], "outer": [((3,), (5,)), ((0,), (5,))],
    }
    for op, pairs in shapes.items():
        for a, b in pairs:
            case(op, normal(*a), normal(*b, which=1))
        a, b = pairs[0]
        case(op, normal(*a, dtype=F64), normal(*b, dtype=F64, which=1))
        case(op, normal(*a), normal(*b, which=1), autocast=True)
    for dtype, autocast in [(F32, False), (F64, False), (F32, True)]:
        case("addmm", normal(4, dtype=dtype), normal(3, 5, dtype=dtype), normal(5, 4, dtype=dtype, which=1), beta=0.5, alpha=2.0, autocast=autocast)
        case("baddbmm", normal(2, 1, 4, dtype=dtype), normal(2, 3, 5, dtype=dtype), normal(2, 5, 4, dtype=dtype, which=1), beta=1.0, alpha=-0.5, autocast=autocast)
        case("einsum", normal(2, 3, 4, 5, dtype=dtype), normal(2, 3, 6, 5, dtype=dtype, which=1), equation="bhid,bhjd->bhij", autocast=autocast)
    case("einsum", normal(4, 4), equation="ii->i")


def shapes():
    x, y, n = normal(2, 3, 4), normal(3, 5, dtype=F64), integers(9, 2, 3)
    case("reshape", x, sizes=[6, -1])
    case("reshape", y, sizes=[15])
    case("reshape", normal(0, 3), sizes=[3, 0])
    case("view", x, sizes=[4, 6])
    case("view", n, sizes=[3, 2])
    case("expand", normal(3, 1), sizes=[2, 3, 4])
    case("expand", y, sizes=[2, -1, -1])
    case("permute", x, sizes=[2, 0, 1])
    case("permute", y, sizes=[1, 0])
    case("transpose", x, a=1, b=-1)
    case("transpose", y, a=0, b=1)
    case("squeeze", normal(3, 1, 2), dim=1)
    case("squeeze", y, dim=0)
    case("unsqueeze", x, dim=1)
    case("unsqueeze", normal(), dim=0)
    case("flatten", x, first=0, last=-1)
    case("flatten", x, first=1, last=2)
    case("repeat", normal(3, 2), sizes=[2, 1, 3])
    case("repeat", n, sizes=[2, 0])
    case("repeat_interleave", normal(3, 2), count=3, dim=0)
    case("repeat_interleave", y, count=2, dim=1)
    case("flip", x, sizes=[0, 2])
    case("flip", y, sizes=[1])
    case("roll", x, shift=2, dim=1)
    case("roll", n, shift=-1, dim=0)
    case("pad", x, sizes=[1, 2], value=0.0)
    case("pad", y, sizes=[0, 1, 2, 0], value=-1.5)
    case("pad", n, sizes=[1, 0], value=7.0)
    for diagonal in [-1, 0, 2]:
        case("tril", normal(4, 5), diagonal=diagonal)
        case("triu", normal(2, 4, 5, dtype=F64), diagonal=diagonal)
    case("cat", normal(2, 3), normal(0, 3), normal(4, 3), dim=0)
    case("cat", normal(2, 3, dtype=F64), normal(2, 1, dtype=F64), dim=-1)
    case("stack", normal(2, 3), normal(2, 3, which=1), dim=1)
    case("stack", n, n + 1, n + 2, dim=-1)
    case("split", normal(7, 2), sizes=[3, 0, 4], dim=0)
    case("split", y, sizes=[1, 4], dim=1)
    case("narrow", x, dim=1, start=1, length=2)
    case("narrow", n, dim=0, start=0, length=0)
    case("slice", normal(7, 2), dim=0, start=1, end=6, step=2)
    case("slice", y, dim=1, start=-3, end=2**63 - 1, step=1)
    case("select", x, dim=1, index=2)
    case("select", y, dim=0, index=-1)


def indexing():
    for dtype in [F32, F64]:
        x = normal(4, 5, dtype=dtype)
        rows = torch.tensor([3, 0, 3])
        picks = torch.tensor([[0, 2, 2, 1, 3], [3, 0, 0, 2, 2]])
        case("index_select", x, rows, dim=0)
        case("gather", x, picks, dim=0)
        case("scatter", x, torch.tensor([[0, 1, 2, 3, 0]]), normal(1, 5, dtype=dtype), dim=0)
        case("scatter_add", x, picks, normal(2, 5, dtype=dtype), dim=0)
        case("index_add", x, rows, normal(3, 5, dtype=dtype), dim=0)
        case("index_copy_", x, torch.tensor([2, 0]), normal(2, 5, dtype=dtype), dim=0)
        case("index", x, rows, torch.tensor([1, 1, 4]))
        case("index", x, None, rows)
        case("index_put_", x, normal(3, dtype=dtype), rows, torch.tensor([1, 2, 1]), accumulate=True)
        case("index_put_", x, normal(2, 5, dtype=dtype), torch.tensor([1, 3]), accumulate=False)
        case("masked_select", x, truths(4, 5))
    case("index_select", integers(9, 2, 3), torch.tensor([], dtype=I64), dim=1)
    case("gather", integers(9, 2, 3), torch.tensor([[2], [0]]), dim=1)
    case("masked_select", normal(3), torch.zeros(3, dtype=BOOL))
    case("one_hot", integers(5, 2, 3), classes=5)
    case("one_hot", torch.zeros(0, dtype=I64), classes=3)


def layers():
    for dtype, autocast in [(F32, False), (F64, False), (F32, True)]:
        new = lambda *shape, which=0: normal(*shape, dtype=dtype, which=which)
        on = {"autocast": autocast}
        case("linear", new(2, 3, 5), new(4, 5), new(4), **on)
        case("linear", new(7, 5), new(4, 5), None, **on)
        case("layer_norm", new(2, 3, 8), new(8), new(8, which=1), epsilon=1e-12, **on)
        case("layer_norm", new(3, 7), None, None, epsilon=1e-5, **on)
        case("rms_norm", new(2, 3, 8), new(8), epsilon=1e-6, **on)
        case("rms_norm", new(3, 7), None, epsilon=1e-5, **on)
        q, k, v = new(2, 4, 3, 8), new(2, 4, 5, 8, which=1), new(2, 4, 5, 8, which=2)
        keeps = torch.tensor([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]]).bool().reshape(2, 1, 1, 5)
        case("scaled_dot_product_attention", q, k, v, None, **on)
        case("scaled_dot_product_attention", q, k, v, keeps, scale=0.3, **on)
        case("scaled_dot_product_attention", q, k, v, new(3, 5, which=3), **on)
        case("scaled_dot_product_attention", k, k, v, None, causal=True, **on)
        case("scaled_dot_product_attention", q, k[:, :2], v[:, :2], None, grouped=True, **on)
        for tanh in [False, True]:
            case("gelu", new(3, 5), tanh=tanh, **on)
        case("dropout", new(3, 5), p=0.5, train=False, **on)
        case("dropout", new(3, 5), p=0.0, train=True, **on)
        x, y = new(6, 4), torch.tensor([0, 3, -100, 1, 1, 2])
        case("cross_entropy", x, y, None, **on)
        case("cross_entropy", x, y, new(4).abs().to(F32 if autocast else dtype), reduction="mean", **on)
        case("cross_entropy", x, y, new(4).abs(), reduction="sum", smoothing=0.1, **on)
        case("cross_entropy", x, torch.tensor([0, 3, 3, 1, 1, 2]), None, reduction="none", ignoring=1, **on)
        targets = truths(6, 4).to(dtype) * 0.9
        case("binary_cross_entropy_with_logits", x, targets, None, None, **on)
        case("binary_cross_entropy_with_logits", x, targets, new(6, 1).abs(), new(4).abs(), reduction="sum", **on)
        case("binary_cross_entropy_with_logits", x, targets, None, None, reduction="none", **on)
        for reduction in ["none", "mean", "sum"]:
            case("mse_loss", new(3, 5), new(3, 5, which=1), reduction=reduction, **on)
        case("embedding", new(6, 4), torch.tensor([[1, 0, 5], [1, 1, 2]]), padding=1, **on)
    case("embedding", normal(6, 4), torch.zeros(0, 2, dtype=I64), padding=-1)
    case("linear", normal(0, 5), normal(4, 5), normal(4))
    case("softmax", normal(3, 5), dim=-1, autocast=True)  # inputs are float32 already: stays float32


def creation():
    case("full", sizes=[2, 3], value=1.5, dtype="float32")
    case("full", sizes=[], value=-7.0, dtype="int64")
    case("full", sizes=[0, 2], value=1.0, dtype="bool")
    case("arange", start=0, end=7, step=1, dtype="int64")
    case("arange", start=1.0, end=0.0, step=-0.25, dtype="float64")
    case("arange", start=2, end=3.1, step=0.3, dtype="float32")
    case("eye", n=3, dtype="float32")
    case("eye", n=2, dtype="int32")
    case("eye", n=0, dtype="float64")
    values = torch.tensor([0.0, -1.5, 2.5, 100.25])
    for dtype in DTYPES:
        case("to_dtype", values.abs(), dtype=dtype)
        if dtype != "bool":
            case("to_dtype", torch.tensor([0, 1, 7, 100]).to(DTYPES[dtype]), dtype="float64")
    case("equal", normal(3), normal(3))
    case("equal", normal(3), normal(3, which=1))
    case("equal", normal(3), normal(1, 3))
    case("equal", normal(3), normal(3).double())
    for op in ["rand", "randn"]:
        for sizes in [[7], [5, 20], [0, 2]]:  # normal draws of 16 and more take another path in PyTorch
            for dtype in ["float32", "float64"]:
                case(op, sizes=sizes, seed=7, dtype=dtype)
    case("randint", low=-3, high=1000, sizes=[4, 5], seed=42)
    case("randperm", n=50, seed=2**40 + 1)
    case("randperm", n=0, seed=1)
    case("bernoulli", torch.rand(4, 8, generator=generator_of(3)), seed=11)
    case("multinomial", torch.rand(3, 6, generator=generator_of(4)), count=4, replacement=False, seed=12)
    case("multinomial", torch.rand(6, generator=generator_of(5), dtype=F64), count=9, replacement=True, seed=13)


def lists():
    for dtype in [F32, F64]:
        a, b = ([normal(*shape, dtype=dtype, which=which) for shape in [(3, 5), (7,), (), (0, 2)]] for which in [0, 1])
        case("foreach_add_", *a, *b, alpha=-0.75)
        case("foreach_copy_", *a, *b)
        case("foreach_mul_scalar_", *a, scalar=0.3)
        case("foreach_mul_tensor_", *a, torch.tensor(0.7, dtype=dtype))
        case("foreach_zero_", *a)
        for p in [1.0, 2.0]:
            case("foreach_norm", *a, p=p)
    case("foreach_add_", integers(9, 4), integers(9, 4, which=1), alpha=2.0)


# ---- Sequences ----


def adamw():
    """Ten steps over two groups (weights decay, vectors do not) with a schedule; every tensor after steps 1 and 10."""
    kept = {}
    for dtype, name in [(F32, "float32"), (F64, "float64")]:
        start = [normal(*shape, dtype=dtype) for shape in [(4, 3), (5, 4), (4,), (5,)]]
        parameters = [torch.nn.Parameter(p.clone()) for p in start]
        groups = [{"params": parameters[:2], "weight_decay": 0.1}, {"params": parameters[2:], "weight_decay": 0.0}]
        optimizer = torch.optim.AdamW(groups, lr=1e-2, betas=(0.9, 0.98), eps=1e-6, foreach=False, fused=False)
        gradients = [[normal(*p.shape, dtype=dtype, which=step + 1) for p in start] for step in range(10)]
        for i, p in enumerate(start):
            kept[f"adamw.{name}.start.{i}"] = p
            kept[f"adamw.{name}.gradients.{i}"] = torch.stack([step[i] for step in gradients])
        for step in range(10):
            for group in optimizer.param_groups:
                group["lr"] = 1e-2 * (1 - step / 10)
            for p, g in zip(parameters, gradients[step]):
                p.grad = g.clone()
            optimizer.step()
            if step in (0, 9):
                for i, p in enumerate(parameters):
                    kept[f"adamw.{name}.after{step + 1}.{i}"] = p.detach().clone()
    return kept


def draws():
    """One generator drawn from in turn, and the default generator's dropout masks."""
    generator = generator_of(2026)
    kept = {
        "draws.rand": torch.rand(5, generator=generator), "draws.randperm": torch.randperm(12, generator=generator),
        "draws.randn": torch.randn(20, generator=generator), "draws.randint": torch.randint(0, 99, (6,), generator=generator),
        "draws.state": generator.get_state(),
    }
    torch.manual_seed(99)
    kept["dropout.first"] = F.dropout(torch.ones(8, 16), 0.3)
    kept["dropout.second"] = F.dropout(torch.ones(8, 16), 0.1)
    return kept


if __name__ == "__main__":
    for group in [element_wise, reductions, products, shapes, indexing, layers, creation, lists]:
        group()
    OUT.mkdir(parents=True, exist_ok=True)
    metadata = {"made_by": "scripts/reference/torch_operations.py", "torch": torch.__version__}
    save_file(pool, OUT / "operations.safetensors", metadata)
    save_file({**adamw(), **draws()}, OUT / "sequences.safetensors", metadata)
    lines = ",\n".join(json.dumps(row, separators=(",", ":")) for row in cases)
    (OUT / "operations.json").write_text(f"[\n{lines}\n]\n")
    print(f"{len(cases)} cases of {len({c['op'] for c in cases})} operations, {len(pool)} tensors")
