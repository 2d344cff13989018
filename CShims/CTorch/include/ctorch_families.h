/* Families of operations with one signature each, listed once: the header declares from this list and the bodies define
   from it. An entry is the ATen name. No include guard: included once per use. */

#ifdef CT_UNARY /* ct_NAME(input, out) */
CT_UNARY(neg) CT_UNARY(abs) CT_UNARY(exp) CT_UNARY(expm1) CT_UNARY(log) CT_UNARY(log1p) CT_UNARY(sqrt) CT_UNARY(rsqrt)
CT_UNARY(square) CT_UNARY(reciprocal) CT_UNARY(sin) CT_UNARY(cos) CT_UNARY(tanh) CT_UNARY(sigmoid) CT_UNARY(log_sigmoid)
CT_UNARY(relu) CT_UNARY(silu) CT_UNARY(softplus) CT_UNARY(erf) CT_UNARY(sign) CT_UNARY(floor) CT_UNARY(ceil) CT_UNARY(round)
CT_UNARY(isfinite) CT_UNARY(isnan) CT_UNARY(isinf) CT_UNARY(logical_not) CT_UNARY(bitwise_not)
CT_UNARY(clone) CT_UNARY(detach) CT_UNARY(contiguous) CT_UNARY(zeros_like) CT_UNARY(ones_like) CT_UNARY(empty_like)
CT_UNARY(nonzero)
#undef CT_UNARY
#endif

#ifdef CT_BINARY /* ct_NAME(a, b, out), broadcasting */
CT_BINARY(add) CT_BINARY(sub) CT_BINARY(mul) CT_BINARY(div) CT_BINARY(pow) CT_BINARY(remainder) CT_BINARY(maximum)
CT_BINARY(minimum) CT_BINARY(eq) CT_BINARY(ne) CT_BINARY(lt) CT_BINARY(le) CT_BINARY(gt) CT_BINARY(ge)
CT_BINARY(logical_and) CT_BINARY(logical_or) CT_BINARY(bitwise_and) CT_BINARY(bitwise_or)
CT_BINARY(matmul) CT_BINARY(mm) CT_BINARY(bmm) CT_BINARY(mv) CT_BINARY(dot) CT_BINARY(outer)
#undef CT_BINARY
#endif

#ifdef CT_BINARY_SCALAR /* ct_NAME_scalar(a, value, out) */
CT_BINARY_SCALAR(add) CT_BINARY_SCALAR(sub) CT_BINARY_SCALAR(mul) CT_BINARY_SCALAR(div) CT_BINARY_SCALAR(pow)
CT_BINARY_SCALAR(remainder) CT_BINARY_SCALAR(eq) CT_BINARY_SCALAR(ne) CT_BINARY_SCALAR(lt) CT_BINARY_SCALAR(le)
CT_BINARY_SCALAR(gt) CT_BINARY_SCALAR(ge)
#undef CT_BINARY_SCALAR
#endif

#ifdef CT_INPLACE /* ct_NAME_(self, other) */
CT_INPLACE(add) CT_INPLACE(sub) CT_INPLACE(mul) CT_INPLACE(div) CT_INPLACE(copy)
#undef CT_INPLACE
#endif

#ifdef CT_INPLACE_SCALAR /* ct_NAME_scalar_(self, value) */
CT_INPLACE_SCALAR(add) CT_INPLACE_SCALAR(sub) CT_INPLACE_SCALAR(mul) CT_INPLACE_SCALAR(div) CT_INPLACE_SCALAR(fill)
#undef CT_INPLACE_SCALAR
#endif

#ifdef CT_REDUCE /* ct_NAME(input, dims, dim_count, keepdim, out); no dims: all of them */
CT_REDUCE(sum) CT_REDUCE(mean) CT_REDUCE(amax) CT_REDUCE(amin) CT_REDUCE(logsumexp) CT_REDUCE(all) CT_REDUCE(any)
#undef CT_REDUCE
#endif

#ifdef CT_ALONG /* ct_NAME(input, dim, out) */
CT_ALONG(softmax) CT_ALONG(log_softmax) CT_ALONG(cumsum)
#undef CT_ALONG
#endif

#ifdef CT_ARG /* ct_NAME(input, dim, keepdim, out) */
CT_ARG(argmax) CT_ARG(argmin)
#undef CT_ARG
#endif
