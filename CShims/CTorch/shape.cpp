// Shape and index operations.
#include "support.h"

using namespace ct;

#define CT_SIZED(name, method) \
  ct_status ct_##name(const ct_tensor *input, const int64_t *sizes, size_t dims, ct_tensor **out) { \
    return result(out, [&] { return borrow(input).method(ints(sizes, dims)); }); \
  }
CT_SIZED(reshape, reshape)
CT_SIZED(view, view)
CT_SIZED(expand, expand)
CT_SIZED(permute, permute)
CT_SIZED(repeat, repeat)
CT_SIZED(flip, flip)

ct_status ct_transpose(const ct_tensor *input, int64_t a, int64_t b, ct_tensor **out) {
  return result(out, [&] { return borrow(input).transpose(a, b); });
}
ct_status ct_squeeze(const ct_tensor *input, int64_t dim, ct_tensor **out) {
  return result(out, [&] { return borrow(input).squeeze(dim); });
}
ct_status ct_unsqueeze(const ct_tensor *input, int64_t dim, ct_tensor **out) {
  return result(out, [&] { return borrow(input).unsqueeze(dim); });
}
ct_status ct_flatten(const ct_tensor *input, int64_t first, int64_t last, ct_tensor **out) {
  return result(out, [&] { return borrow(input).flatten(first, last); });
}
ct_status ct_repeat_interleave(const ct_tensor *input, int64_t repeats, int64_t dim, ct_tensor **out) {
  return result(out, [&] { return borrow(input).repeat_interleave(repeats, dim); });
}
ct_status ct_roll(const ct_tensor *input, int64_t shift, int64_t dim, ct_tensor **out) {
  return result(out, [&] { return borrow(input).roll(shift, dim); });
}
ct_status ct_pad(const ct_tensor *input, const int64_t *padding, size_t count, double value, ct_tensor **out) {
  return result(out, [&] { return at::constant_pad_nd(borrow(input), ints(padding, count), scalar(value)); });
}
ct_status ct_tril(const ct_tensor *input, int64_t diagonal, ct_tensor **out) {
  return result(out, [&] { return at::tril(borrow(input), diagonal); });
}
ct_status ct_triu(const ct_tensor *input, int64_t diagonal, ct_tensor **out) {
  return result(out, [&] { return at::triu(borrow(input), diagonal); });
}
ct_status ct_cat(ct_tensor *const *tensors, size_t count, int64_t dim, ct_tensor **out) {
  return result(out, [&] { return at::cat(list(tensors, count), dim); });
}
ct_status ct_stack(ct_tensor *const *tensors, size_t count, int64_t dim, ct_tensor **out) {
  return result(out, [&] { return at::stack(list(tensors, count), dim); });
}
ct_status ct_joined(ct_tensor *const *tensors, size_t count, ct_tensor **out) {
  return result(out, [&] {
    auto parts = list(tensors, count);
    const at::Tensor &first = parts[0];
    int64_t rows = 0;
    bool adjoin = true;
    for (const at::Tensor &part : parts) {
      adjoin = adjoin && part.dim() == 2 && part.is_contiguous() && part.is_alias_of(first) && part.scalar_type() == first.scalar_type() &&
               part.size(1) == first.size(1) && part.storage_offset() == first.storage_offset() + rows * first.size(1);
      rows += part.size(0);
    }
    return adjoin ? first.as_strided({rows, first.size(1)}, {first.size(1), 1}) : at::cat(parts);
  });
}
ct_status ct_split(const ct_tensor *input, const int64_t *sizes, size_t count, int64_t dim, ct_tensor **out) {
  return guard([&] {
    auto pieces = at::split_with_sizes(borrow(input), ints(sizes, count), dim);
    for (size_t i = 0; i < count; ++i) out[i] = own(std::move(pieces[i]));
  });
}
ct_status ct_narrow(const ct_tensor *input, int64_t dim, int64_t start, int64_t length, ct_tensor **out) {
  return result(out, [&] { return borrow(input).narrow(dim, start, length); });
}
ct_status ct_slice(const ct_tensor *input, int64_t dim, int64_t start, int64_t end, int64_t step, ct_tensor **out) {
  return result(out, [&] { return borrow(input).slice(dim, start, end, step); });
}
ct_status ct_select(const ct_tensor *input, int64_t dim, int64_t index, ct_tensor **out) {
  return result(out, [&] { return borrow(input).select(dim, index); });
}
ct_status ct_index_select(const ct_tensor *input, int64_t dim, const ct_tensor *index, ct_tensor **out) {
  return result(out, [&] { return at::index_select(borrow(input), dim, borrow(index)); });
}
ct_status ct_gather(const ct_tensor *input, int64_t dim, const ct_tensor *index, ct_tensor **out) {
  return result(out, [&] { return at::gather(borrow(input), dim, borrow(index)); });
}
ct_status ct_scatter(const ct_tensor *input, int64_t dim, const ct_tensor *index, const ct_tensor *source, ct_tensor **out) {
  return result(out, [&] { return at::scatter(borrow(input), dim, borrow(index), borrow(source)); });
}
ct_status ct_scatter_add(const ct_tensor *input, int64_t dim, const ct_tensor *index, const ct_tensor *source, ct_tensor **out) {
  return result(out, [&] { return at::scatter_add(borrow(input), dim, borrow(index), borrow(source)); });
}
ct_status ct_index_add(const ct_tensor *input, int64_t dim, const ct_tensor *index, const ct_tensor *source, ct_tensor **out) {
  return result(out, [&] { return at::index_add(borrow(input), dim, borrow(index), borrow(source)); });
}
ct_status ct_index_copy_(ct_tensor *self, int64_t dim, const ct_tensor *index, const ct_tensor *source) {
  return guard([&] { borrow(self).index_copy_(dim, borrow(index), borrow(source)); });
}

static c10::List<std::optional<at::Tensor>> optional_list(ct_tensor *const *indices, size_t count) {
  c10::List<std::optional<at::Tensor>> all;
  all.reserve(count);
  for (size_t i = 0; i < count; ++i) all.push_back(maybe(indices[i]));
  return all;
}
ct_status ct_index(const ct_tensor *input, ct_tensor *const *indices, size_t count, ct_tensor **out) {
  return result(out, [&] { return at::index(borrow(input), optional_list(indices, count)); });
}
ct_status ct_index_put_(ct_tensor *self, ct_tensor *const *indices, size_t count, const ct_tensor *values, bool accumulate) {
  return guard([&] { at::index_put_(borrow(self), optional_list(indices, count), borrow(values), accumulate); });
}
ct_status ct_masked_select(const ct_tensor *input, const ct_tensor *mask, ct_tensor **out) {
  return result(out, [&] { return at::masked_select(borrow(input), borrow(mask)); });
}
ct_status ct_one_hot(const ct_tensor *input, int64_t classes, ct_tensor **out) {
  return result(out, [&] { return at::one_hot(borrow(input), classes); });
}
