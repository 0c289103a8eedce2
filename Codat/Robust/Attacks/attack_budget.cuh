// A radius and a step of its own for each image of an attack. A column that is none of the table's is not followed:
// such a label makes the step fail anyway.
#ifndef CODAT_ATTACK_BUDGET_CUH
#define CODAT_ATTACK_BUDGET_CUH
#include "codat_common.cuh"

struct AttackBudget {
    const double* table;  // (2, columns): factors of the radius, of the step
    const int* column;    // (N)
    i64 columns;          // 0: all images have the same

    __device__ __forceinline__ double radius(i64 image) const { return at(image, 0); }
    __device__ __forceinline__ double step(i64 image) const { return at(image, columns); }

private:
    __device__ __forceinline__ double at(i64 image, i64 row) const {
        const int own = column[image];
        return is_label(own, static_cast<int>(columns)) ? table[row + own] : not_a_number();
    }
};

#endif
