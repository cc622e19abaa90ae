"""steelyard.torch against PyTorch: the library and PyTorch's own operations give the same numbers,
and torch.nn.functional agrees where its definitions coincide with ours."""

import copy
import itertools
import pathlib
import pickle
import sys

import numpy as np
import pytest

torch = pytest.importorskip("torch")
sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "python"))

import steelyard.torch as ours  # noqa: E402
from loss_formulas import Draw  # noqa: E402
from torch.nn import functional  # noqa: E402

torch.manual_seed(0)
torch.set_num_threads(1)
Z = torch.randn(6, 3, 4, dtype=torch.float64)
IDS = torch.randint(0, 3, (6, 4))
HOT = functional.one_hot(IDS, 3).movedim(-1, 1).double()
WEIGHTS = torch.tensor([1, 2, 0.5], dtype=torch.float64)


def slope_of(loss, z, *batch, upstream=None, **named):
    """(loss, gradient) by backward."""
    z = z.detach().clone().requires_grad_()
    value = loss(z, *batch, **named)
    value.backward(upstream)
    return value.detach(), z.grad


def close(a, b, rtol=1e-10, atol=1e-12):
    for one, other in zip(a, b):
        torch.testing.assert_close(one, other, rtol=rtol, atol=atol)


# --- the library and PyTorch's operations ---

def run(one, implementation, dtype):
    """(value, gradient) of a random loss, with an upstream gradient that is not 1."""
    options = {**one.options, "ignore_index": one.options.get("ignore")}
    options.pop("ignore", None)
    loss = ours.Loss(implementation=implementation, **options)
    batch = {name: torch.from_numpy(np.array(value)) for name, value in one.batch.items()}
    z = torch.from_numpy(one.placed(one.z)).to(dtype).requires_grad_()
    value = loss(z, torch.from_numpy(np.array(one.labels)), **batch)
    value.backward(torch.linspace(-1, 2, value.numel(), dtype=dtype).reshape(value.shape)
                   if value.ndim else torch.tensor(1.7, dtype=dtype))
    return value.detach(), z.grad


@pytest.mark.parametrize("block", range(10))
def test_both_implementations_give_the_same(block):
    for seed in range(5000 + 12 * block, 5000 + 12 * (block + 1)):
        one = Draw(seed)
        by_library = run(one, "c", torch.float64)
        close(by_library, run(one, "torch", torch.float64))
        torch.testing.assert_close(by_library[0].numpy(), np.asarray(one.answer()[0]),
                                   rtol=1e-10, atol=1e-12)
        close(run(one, "c", torch.float32), run(one, "torch", torch.float32), 1e-5, 1e-5)


@pytest.mark.parametrize("seed", range(20))
def test_shapes_on_another_device(seed):
    one = Draw(9000 + seed)
    options = {name: value for name, value in one.options.items() if name != "ignore"}
    loss = ours.Loss(ignore_index=one.options.get("ignore"), **options)
    meta = {name: torch.empty(np.shape(value), dtype=torch.float32, device="meta")
            for name, value in one.batch.items()}
    z = torch.empty(one.placed(one.z).shape, device="meta", requires_grad=True)
    labels = torch.from_numpy(np.array(one.labels)).to("meta")
    value = loss(z, labels, **meta)
    value.sum().backward()
    assert value.shape == run(one, "c", torch.float32)[0].shape
    assert value.device.type == z.grad.device.type == "meta"
    assert z.grad.shape == z.shape


def test_infinite_logits_and_certain_rows():
    z = torch.tensor([[0.0, 200], [3, -torch.inf], [1000, -1000], [-torch.inf, 5]],
                     dtype=torch.float64)
    y = torch.tensor([0, 0, 0, 1])
    for options in ({}, {"parts": "focal:gamma=2"}, {"parts": "focal:gamma=0.5"},
                    {"label_smoothing": 0.0, "slopes": [1, 0.5]}):
        for labels in (y, functional.one_hot(y, 2).double()):
            pair = [slope_of(ours.Loss(implementation=how, **options), z, labels)
                    for how in ("c", "torch")]
            close(*pair)
            assert torch.isfinite(pair[0][1]).all()


def test_what_does_not_count_may_be_nan():
    z, y = Z.clone(), IDS.clone()
    z[1, :, 2], y[1, 2] = torch.nan, -100
    z[2], w = torch.nan, torch.tensor([1.0, 2, 0, 1, 1, 1], dtype=torch.float64)
    pair = [slope_of(ours.CrossEntropyLoss(WEIGHTS, implementation=how), z, y, w)
            for how in ("c", "torch")]
    close(*pair)
    assert not pair[0][1][2].any() and not pair[0][1][1, :, 2].any()


# --- PyTorch's own losses ---

CASES = list(itertools.product(("none", "sum", "mean"), (None, WEIGHTS), (-100, 1), (0.0, 0.2),
                               ((6, 3), (6, 3, 4), (2, 3, 2, 2), (3,))))


@pytest.mark.parametrize("reduction, weight, ignore, smoothing, shape", CASES)
def test_cross_entropy_of_class_ids(reduction, weight, ignore, smoothing, shape):
    random = torch.Generator().manual_seed(len(shape))
    z = torch.randn(shape, dtype=torch.float64, generator=random)
    positions = shape[:1] + shape[2:] if len(shape) > 1 else ()
    y = torch.randint(0, 3, positions, generator=random)
    if len(shape) > 1:
        y[0] = ignore
    loss = ours.CrossEntropyLoss(weight, ignore_index=ignore, label_smoothing=smoothing,
                                 reduction={"mean": "weighted-mean"}.get(reduction, reduction))
    if len(shape) == 1 and ignore == 1:
        y = torch.tensor(0)
    upstream = torch.rand(positions, dtype=torch.float64) if reduction == "none" else None
    close(slope_of(loss, z, y, upstream=upstream),
          slope_of(functional.cross_entropy, z, y, weight=weight, ignore_index=ignore,
                   label_smoothing=smoothing, reduction=reduction, upstream=upstream))


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("reduction", ["none", "sum", "mean"])
def test_cross_entropy_of_probabilities(reduction, smoothing):
    y = torch.softmax(torch.randn_like(Z), 1)
    upstream = torch.rand(6, 4, dtype=torch.float64) if reduction == "none" else None
    loss = ours.CrossEntropyLoss(WEIGHTS, reduction=reduction, label_smoothing=smoothing)
    close(slope_of(loss, Z, y, upstream=upstream),
          slope_of(functional.cross_entropy, Z, y, weight=WEIGHTS, reduction=reduction,
                   label_smoothing=smoothing, upstream=upstream))


@pytest.mark.parametrize("reduction", ["none", "sum", "mean"])
@pytest.mark.parametrize("shape", [(5,), (5, 3), (5, 3, 2)])
@pytest.mark.parametrize("implementation", ["c", "torch"])
def test_binary_cross_entropy(reduction, shape, implementation):
    z, y = torch.randn(shape, dtype=torch.float64), torch.rand(shape, dtype=torch.float64)
    labels = 3 if len(shape) > 1 else 1
    q = torch.linspace(0.5, 3, labels, dtype=torch.float64)
    upstream = torch.rand(shape, dtype=torch.float64) if reduction == "none" else None
    loss = ours.BCEWithLogitsLoss(q, reduction=reduction, implementation=implementation)
    wide = q[:, None] if len(shape) == 3 else q  # PyTorch would take the last axis
    close(slope_of(loss, z, y, upstream=upstream),
          slope_of(functional.binary_cross_entropy_with_logits, z, y, pos_weight=wide,
                   reduction=reduction, upstream=upstream))


def test_one_hot_is_what_ids_are():
    """On purpose not PyTorch's, which divides by rows here and by weights there (pytorch#107680).
    """
    loss = ours.CrossEntropyLoss(WEIGHTS)
    close(slope_of(loss, Z, HOT), slope_of(loss, Z, IDS), 0, 0)
    theirs = functional.cross_entropy(Z[:3], HOT[:3], weight=WEIGHTS)
    assert not torch.isclose(theirs, loss(Z[:3], IDS[:3]))


@pytest.mark.parametrize("implementation", ["c", "torch"])
def test_nothing_that_counts_is_zero(implementation):
    """On purpose not PyTorch's NaN (pytorch#70348)."""
    ignored = torch.full_like(IDS, -100)
    assert functional.cross_entropy(Z, ignored).isnan()
    for loss, labels in ((ours.CrossEntropyLoss(implementation=implementation), ignored),
                         (ours.CrossEntropyLoss([0, 0, 0], implementation=implementation), IDS)):
        value, slope = slope_of(loss, Z, labels)
        assert value == 0
        assert not slope.any()


def test_a_batch_of_one_knows_its_weight():
    """A divisor of one's own: PyTorch's mean forgets the weight of a batch of one (pytorch#8062).
    """
    loss = ours.CrossEntropyLoss(WEIGHTS, divisor=2)
    torch.testing.assert_close(loss(Z[:1, :, 0], torch.tensor([1])),
                               functional.cross_entropy(Z[:1, :, 0], torch.tensor([1])))


# --- derivatives ---

LOSSES = {
    "cross-entropy": ours.CrossEntropyLoss(WEIGHTS, label_smoothing=0.1),
    "none": ours.CrossEntropyLoss(WEIGHTS, reduction="none"),
    "focal": ours.FocalLoss(WEIGHTS),
    "expected": ours.CostExpectedLoss(1 - np.eye(3)),
    "vs": ours.VectorScalingLoss([5, 3, 2]),
}


@pytest.mark.parametrize("name", LOSSES)
def test_gradcheck(name):
    def evaluate(z):
        return LOSSES[name](z, IDS[:2, :2])

    z = Z[:2, :, :2].clone().requires_grad_()
    assert torch.autograd.gradcheck(evaluate, (z,))
    assert torch.autograd.gradgradcheck(evaluate, (z,))


def test_gradcheck_of_a_sigmoid():
    loss = ours.BinaryFocalLoss([1, 2, 3], reduction="none")
    assert torch.autograd.gradcheck(lambda z: loss(z, HOT), (Z.clone().requires_grad_(),))


def test_backward_again_and_again():
    z = Z.clone().requires_grad_()
    value = ours.CrossEntropyLoss(WEIGHTS)(z, IDS)
    value.backward(retain_graph=True)
    once = z.grad.clone()
    value.backward(retain_graph=True)
    (3 * value).backward()
    close([z.grad], [5 * once])


def test_logits_that_change_after_the_loss():
    z = Z.clone().requires_grad_()
    hidden = z * 1
    value = ours.CrossEntropyLoss(WEIGHTS)(hidden, IDS)
    hidden.data.mul_(2)
    value.backward()
    close([z.grad], [slope_of(ours.CrossEntropyLoss(WEIGHTS), Z, IDS)[1]])


def test_gradients_of_labels_and_weights():
    labels = torch.softmax(torch.randn_like(Z), 1).requires_grad_()
    weights = torch.rand(6, 4, dtype=torch.float64).requires_grad_()
    assert torch.autograd.gradcheck(lambda y, w: ours.cross_entropy(Z, y, sample_weight=w),
                                    (labels, weights))


def test_functional_transforms_and_forward_derivatives():
    loss = ours.CrossEntropyLoss(WEIGHTS)
    expected = slope_of(loss, Z, IDS)[1]
    close([torch.func.grad(lambda z: loss(z, IDS))(Z)], [expected])
    with torch.autograd.forward_ad.dual_level():
        dual = torch.autograd.forward_ad.make_dual(Z, torch.ones_like(Z))
        tangent = torch.autograd.forward_ad.unpack_dual(loss(dual, IDS)).tangent
    close([tangent], [expected.sum()])


def test_compiled():
    for loss in (ours.CrossEntropyLoss(WEIGHTS, ignore_index=1), ours.FocalLoss(gamma=1.5)):
        compiled = torch.compile(loss, backend="aot_eager", fullgraph=True)
        close(slope_of(compiled, Z, IDS), slope_of(loss, Z, IDS))


# --- types ---

@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("implementation", ["c", "torch"])
def test_halves_are_computed_in_float32(dtype, implementation):
    loss = ours.CrossEntropyLoss(WEIGHTS, implementation=implementation)
    value, slope = slope_of(loss, Z.to(dtype), IDS)
    expected, exact = slope_of(loss, Z.to(dtype).float(), IDS)
    assert value.dtype == torch.float32
    assert slope.dtype == dtype
    close([value, slope], [expected, exact.to(dtype)], 1e-6, 1e-7)


def test_autocast():
    x, layer = torch.randn(6, 5), torch.nn.Linear(5, 3)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        z = layer(x)
        assert z.dtype == torch.bfloat16
        pair = [ours.CostExpectedLoss(1 - np.eye(3), implementation=how)(z, IDS[:, 0])
                for how in ("c", "torch")]
    assert pair[0].dtype == pair[1].dtype == torch.float32
    close(pair[:1], pair[1:], 1e-6, 1e-6)


def test_gradients_lie_as_the_logits_do():
    for z in (Z, Z.movedim(1, -1).contiguous().movedim(-1, 1), Z[:, :, ::2], Z.expand(6, 3, 4)):
        z = z.detach().requires_grad_()
        slope, = torch.autograd.grad(ours.cross_entropy(z, IDS[:, :z.shape[2]]), z)
        assert slope.stride() == z.stride()


def test_no_gradient_is_computed_without_need():
    with torch.no_grad():
        assert ours.cross_entropy(Z.clone().requires_grad_(), IDS).grad_fn is None
    assert ours.cross_entropy(Z, IDS).grad_fn is None


# --- the functions and modules ---

PAIRS = [
    (ours.CrossEntropyLoss, ours.cross_entropy, {"class_weight": {0: 1, 1: 2, 2: 3}}),
    (ours.FocalLoss, ours.focal, {"gamma": 1.5}),
    (ours.LogitAdjustedLoss, ours.logit_adjusted, {"counts": [5, 3, 2], "tau": 0.5}),
    (ours.BalancedSoftmaxLoss, ours.balanced_softmax, {"counts": [5, 3, 2]}),
    (ours.LDAMLoss, ours.ldam, {"counts": [5, 3, 2], "margin": 0.4, "scale": 2.0}),
    (ours.VectorScalingLoss, ours.vector_scaling, {"counts": [5, 3, 2], "gamma": 0.3}),
    (ours.CostExpectedLoss, ours.cost_expected, {"cost": {(0, 1): 5}}),
    (ours.CostArgmaxLoss, ours.cost_argmax, {"cost": np.ones((3, 3)) * 2}),
    (ours.BCEWithLogitsLoss, ours.binary_cross_entropy_with_logits, {"positive_weight": 3}),
    (ours.BinaryFocalLoss, ours.binary_focal, {"gamma": 1.0}),
]


@pytest.mark.parametrize("module, function, options", PAIRS)
def test_modules_functions_and_arrays(module, function, options):
    from steelyard import losses
    name = {"binary_cross_entropy_with_logits": "binary_cross_entropy"}.get(
        function.__name__, function.__name__)
    labels = HOT if "binary" in name else IDS
    w = torch.rand(6, dtype=torch.float64)
    expected, slope = getattr(losses, name)(Z.numpy(), labels.numpy(), sample_weight=w.numpy(),
                                            class_axis=1, **options)
    expected = torch.tensor(expected, dtype=torch.float64), torch.from_numpy(slope)
    for implementation in ("c", "torch"):
        loss = module(implementation=implementation, **options)
        close(slope_of(loss, Z, labels, w), expected)
        close(slope_of(copy.deepcopy(pickle.loads(pickle.dumps(loss))), Z, labels, w), expected)
        close(slope_of(function, Z, labels, sample_weight=w, implementation=implementation,
                       **options), expected)


def test_classes_last():
    a = ours.CrossEntropyLoss(WEIGHTS, class_axis=-1)(Z.movedim(1, -1), IDS)
    torch.testing.assert_close(a, ours.CrossEntropyLoss(WEIGHTS)(Z, IDS))


def test_masks_and_weights_of_rows():
    mask, w = torch.rand(6, 4) > 0.5, torch.rand(6, dtype=torch.float64)
    each = functional.cross_entropy(Z, IDS, reduction="none") * mask * w[:, None]
    found = ours.cross_entropy(Z, IDS, sample_weight=w, mask=mask)
    torch.testing.assert_close(found, each.sum() / (mask * w[:, None]).sum())


def test_a_module_says_what_it_is():
    assert "gamma=2" in repr(ours.FocalLoss([1, 2, 3]))


# --- what is refused ---

def refused(text, call):
    with pytest.raises(ValueError, match=text):
        call()


def test_refused_with_a_position():
    bad = IDS.clone()
    bad[2, 3] = 7
    refused("label 7 at row 3, step 4 is outside the 3 classes",
            lambda: ours.cross_entropy(Z, bad))
    nan = Z.clone()
    nan[1, 2, 0] = torch.nan
    refused("the logit nan at row 2, step 1, class 2", lambda: ours.cross_entropy(nan, IDS))


@pytest.mark.parametrize("implementation", ["c", "torch"])
def test_refused_by_both(implementation):
    how = {"implementation": implementation}
    refused(r"the labels of shape \(6\D.* do not fit the logits",
            lambda: ours.cross_entropy(Z, IDS[:, 0], **how))
    refused("integers", lambda: ours.cross_entropy(Z, IDS.double(), **how))
    refused("the weight -1 of class 0", lambda: ours.cross_entropy(
        Z, IDS, class_weight=[-1, 1, 1], **how))
    refused("positions", lambda: ours.cross_entropy(Z, IDS, sample_weight=torch.ones(5), **how))
    refused("neither it nor the batch", lambda: ours.cost_expected(Z, IDS, **how))
    refused("costs of its own", lambda: ours.Loss(**how)(Z, IDS, row_costs=Z))
    refused("class_axis is 5", lambda: ours.cross_entropy(Z, IDS, class_axis=5, **how))
    refused("logits: a tensor of torch.int64", lambda: ours.cross_entropy(IDS, IDS, **how))


def test_refused_implementations():
    refused("implementation: no 'cuda'; there are auto, c, torch",
            lambda: ours.cross_entropy(Z, IDS, implementation="cuda"))
    refused("implementation: no 'gpu'", lambda: ours.CrossEntropyLoss(implementation="gpu"))
    refused("logits: a list: a tensor would be right; steelyard.losses takes arrays of any kind",
            lambda: ours.cross_entropy([[1.0, 2.0]], torch.tensor([0])))
    refused("implementation='c' takes tensors on the CPU, not on meta",
            lambda: ours.cross_entropy(Z.to("meta"), IDS.to("meta"), implementation="c"))


# --- in use ---

class Scored(torch.utils.data.Dataset):
    """A data set whose rows are losses, computed where they are loaded."""

    def __len__(self):
        return 6

    def __getitem__(self, i):
        return ours.cross_entropy(Z[i:i + 1], IDS[i:i + 1])


def test_in_workers_of_a_loader():
    expected = [ours.cross_entropy(Z[i:i + 1], IDS[i:i + 1]) for i in range(6)]  # threads run here
    ours.cross_entropy(torch.randn(200000, 3), torch.zeros(200000, dtype=torch.long))
    loader = torch.utils.data.DataLoader(Scored(), batch_size=2, num_workers=2,
                                         multiprocessing_context="fork")
    found = torch.cat(list(loader))
    torch.testing.assert_close(found, torch.stack(expected))


def rare_steps(n, seed):
    """Sequences of two numbers a step; a step is of class 1 (5 %) where both have been high."""
    random = torch.Generator().manual_seed(seed)
    x = torch.randn(n, 8, 2, generator=random)
    return x, (x.sum(-1) + 0.5 * x.sum(-1).roll(1, 1) > 2.6).long()


class Steps(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.memory, self.last = torch.nn.LSTM(2, 16, batch_first=True), torch.nn.Linear(16, 2)

    def forward(self, x):
        return self.last(self.memory(x)[0]).movedim(-1, 1)


def recall_after_training(class_weight):
    torch.manual_seed(4)
    x, y = rare_steps(200, 1)
    model, loss = Steps(), ours.CrossEntropyLoss(class_weight)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.03)
    for _ in range(20):
        optimizer.zero_grad()
        value = loss(model(x), y)
        value.backward()
        optimizer.step()
    x, y = rare_steps(400, 2)
    with torch.no_grad():
        return (model(x).argmax(1)[y == 1] == 1).double().mean().item()


def test_weights_find_the_rare_steps_of_a_sequence():
    plain, weighted = recall_after_training(None), recall_after_training({0: 1, 1: 15})
    assert weighted > 0.8
    assert weighted > plain + 0.1
